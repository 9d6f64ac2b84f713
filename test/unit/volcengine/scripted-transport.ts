import type { ActionCallerOptions } from '../../../lib/volcengine/call-action.ts';
import { createFlowLogApi } from '../../../lib/volcengine/flow-log-api.ts';
import type { NetworkFailure } from '../../../lib/volcengine/network-failure.ts';
import type { VolcengineReply } from '../../../lib/volcengine/response-collector.ts';
import type { SignedGet } from '../../../lib/volcengine/sign.ts';
import type { Transport, UnsignedForm } from '../../../lib/volcengine/transport.ts';

export type ScriptedTransport = Transport & {
  requests: SignedGet[];
  forms: UnsignedForm[];
  /** The query of each request so far. */
  queries(): Record<string, string>[];
};

type Reply = VolcengineReply | NetworkFailure;

/** Gives each call the next of `replies`, and the last one for ever. */
export function scriptedTransport(...replies: Reply[]): ScriptedTransport {
  const requests: SignedGet[] = [];
  const forms: UnsignedForm[] = [];
  const next = () => {
    const reply = replies[Math.min(requests.length + forms.length, replies.length) - 1];
    return reply ? Promise.resolve(reply) : Promise.reject(new Error('no reply was scripted'));
  };
  return {
    host: 'volcengine.test',
    requests,
    forms,
    queries: () => requests.map(({ path }) => Object.fromEntries(new URLSearchParams(path.slice(2)))),
    get(request) {
      requests.push(request);
      return next();
    },
    postForm(form) {
      forms.push(form);
      return next();
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
export function apiWith(...replies: Reply[]) {
  const transport = scriptedTransport(...replies);
  return { transport, api: apiOver(transport) };
}

export const apiOver = (transport: Transport, more: Partial<ActionCallerOptions> = {}) =>
  createFlowLogApi({ transport, credentials: async () => CREDENTIALS, clock: () => NOW, ...more });

type Headers = Partial<VolcengineReply>;

export function reply(body: unknown, httpStatus = 200, headers: Headers = {}): VolcengineReply {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'reply', httpStatus, body: text, ...headers };
}

export function success(result: unknown): VolcengineReply {
  return reply({ ResponseMetadata: { RequestId: 'request-1' }, Result: result });
}

export function refusal(httpStatus: number, error: unknown, headers: Headers = {}): VolcengineReply {
  return reply({ ResponseMetadata: { RequestId: 'request-1', Error: error } }, httpStatus, headers);
}
