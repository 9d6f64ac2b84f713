import { Signer } from '@volcengine/openapi';
import { Command } from '@volcengine/sdk-core';
import * as v from 'valibot';
import { DEFAULT_CREDENTIAL } from '../../local/volcengine/start-fake-volcengine.ts';
import { type Outgoing, sendRaw } from '../support/send-raw.ts';

export type Credential = { accessKey: string; secretKey: string; sessionToken?: string };

export type CallOptions = {
  region?: string;
  service?: string;
  credential?: Credential;
  date?: Date;
  /** Signed along with the official signer's own. */
  headers?: Record<string, string>;
  /** Changes the request after it was signed. */
  tamper?: (outgoing: Outgoing) => void;
  timeoutMs?: number;
};

const EnvelopeSchema = v.object({
  ResponseMetadata: v.object({
    RequestId: v.string(),
    Action: v.string(),
    Version: v.string(),
    Service: v.literal('vpc'),
    Region: v.string(),
    Error: v.optional(v.object({ Code: v.string(), CodeN: v.optional(v.number()), Message: v.string() })),
  }),
  Result: v.optional(
    v.object({
      RequestId: v.string(),
      AsyncTaskId: v.optional(v.string()),
      NextToken: v.optional(v.string()),
      FlowLogs: v.nullish(v.array(v.looseObject({ FlowLogId: v.string(), Status: v.string() }))),
    }),
  ),
});

/** Signs with the official `@volcengine/openapi`; throws what the connection throws. */
export async function callRaw(url: string, parameters: Record<string, string>, options: CallOptions = {}) {
  const { accessKey, secretKey, sessionToken } = {
    sessionToken: undefined,
    ...DEFAULT_CREDENTIAL,
    ...options.credential,
  };
  const params = { Version: '2020-04-01', ...parameters };
  const headers: Record<string, string> = { Host: new URL(url).host, ...options.headers };
  const signer = new Signer(
    { region: options.region ?? 'cn-beijing', method: 'GET', pathname: '/', params, headers },
    options.service ?? 'vpc',
  );
  const credentials = { accessKeyId: accessKey, secretKey };
  signer.addAuthorization(
    sessionToken === undefined ? credentials : { ...credentials, sessionToken },
    options.date,
  );
  const query = Object.entries(params).map((pair) => pair.map(encodeURIComponent).join('='));
  const outgoing: Outgoing = { method: 'GET', target: `/?${query.join('&')}`, headers };
  options.tamper?.(outgoing);
  return sendRaw(url, outgoing, options.timeoutMs);
}

export type ApiAnswer = { status: number; code: string | undefined } & v.InferOutput<typeof EnvelopeSchema>;

export async function callApi(
  url: string,
  parameters: Record<string, string>,
  options: CallOptions = {},
): Promise<ApiAnswer> {
  const raw = await callRaw(url, parameters, options);
  const envelope = v.parse(EnvelopeSchema, JSON.parse(raw.text));
  return { status: raw.status, code: envelope.ResponseMetadata.Error?.Code, ...envelope };
}

export function activate(url: string, flowLogId: string, clientToken?: string, options: CallOptions = {}) {
  const parameters: Record<string, string> = { Action: 'ActiveFlowLog', FlowLogId: flowLogId };
  if (clientToken !== undefined) parameters.ClientToken = clientToken;
  return callApi(url, parameters, options);
}

export function describeFlowLogs(
  url: string,
  parameters: Record<string, string> = {},
  options: CallOptions = {},
) {
  return callApi(url, { Action: 'DescribeFlowLogs', ...parameters }, options);
}

/** For the official client of `@volcengine/sdk-core`. */
export class VpcCommand extends Command {
  constructor(action: string, input: Record<string, unknown>) {
    super(input);
    const params = { Action: action, Version: '2020-04-01' };
    this.requestConfig = { params, method: 'GET', serviceName: 'vpc', contentType: 'application/json' };
  }
}

/** One of the fake's own routes, `/_fake/…`; text is sent as it is. */
export async function control(url: string, method: string, path: string, body?: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`${url}/_fake/${path}`, { method, ...(text !== undefined && { body: text }) });
  return { status: response.status, body: await response.json() };
}
