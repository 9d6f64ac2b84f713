import { createFlowLogApi } from '../../../lib/volcengine/flow-log-api.ts';
import type { NetworkFailure } from '../../../lib/volcengine/network-failure.ts';
import type { VolcengineReply } from '../../../lib/volcengine/response-collector.ts';
import type { SignedGet } from '../../../lib/volcengine/sign.ts';
import type { Transport } from '../../../lib/volcengine/transport.ts';

export type ScriptedTransport = Transport & {
  requests: SignedGet[];
  /** The query of each request so far. */
  queries(): Record<string, string>[];
};

/** Answers each call with the next of `answers`, and the last one for ever. */
export function scriptedTransport(...answers: (VolcengineReply | NetworkFailure)[]): ScriptedTransport {
  const requests: SignedGet[] = [];
  return {
    host: 'volcengine.test',
    requests,
    queries: () => requests.map(({ path }) => Object.fromEntries(new URLSearchParams(path.slice(2)))),
    get(request) {
      requests.push(request);
      const answer = answers[Math.min(requests.length, answers.length) - 1];
      return answer ? Promise.resolve(answer) : Promise.reject(new Error('no answer was scripted'));
    },
    close: () => Promise.resolve(),
  };
}

export const NOW = Date.UTC(2026, 0, 1);
export const CREDENTIALS = {
  accessKeyId: 'AKLTexample-key',
  secretAccessKey: 'secret-of-the-test',
  sessionToken: 'token-of-the-test',
};
export const REQUEST = {
  flowLog: { account: 'main', region: 'cn-beijing', flowLogId: 'fl-1' },
  clientToken: 'client-token',
};

/** The client by a clock that stands still. */
export function apiWith(...answers: (VolcengineReply | NetworkFailure)[]) {
  const transport = scriptedTransport(...answers);
  const credentials = async () => CREDENTIALS;
  return { transport, api: createFlowLogApi({ transport, credentials, clock: () => NOW }) };
}

export function answer(
  body: unknown,
  httpStatus = 200,
  headers: Partial<VolcengineReply> = {},
): VolcengineReply {
  return {
    kind: 'reply',
    httpStatus,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...headers,
  };
}

export function success(result: unknown): VolcengineReply {
  return answer({ ResponseMetadata: { RequestId: 'request-1' }, Result: result });
}

export function refusal(
  httpStatus: number,
  error: unknown,
  headers: Partial<VolcengineReply> = {},
): VolcengineReply {
  return answer({ ResponseMetadata: { RequestId: 'request-1', Error: error } }, httpStatus, headers);
}
