import { Service } from '@volcengine/openapi';
import { Client, Command } from '@volcengine/sdk-core';
import { Pool } from 'undici';
import * as v from 'valibot';
import { createFlowLogApi } from '../../lib/volcengine/flow-log-api.ts';
import { createTransport } from '../../lib/volcengine/transport.ts';
import { KEYS, queriesOf, REGION } from '../signing/requests.ts';

export const CLIENTS = ['ours', 'limit', 'sdk-core', 'openapi'] as const;
export type ClientName = (typeof CLIENTS)[number];

/** Makes one call; rejects unless the response is a success of Volcengine. */
export type Call = (index: number) => Promise<void>;
export type CallerOptions = { host: string; connections: number };

const TIMEOUT_MS = 5_000;

const QUERIES = queriesOf('ActiveFlowLog');
function queryFor(index: number): Record<string, string> {
  return QUERIES[index % QUERIES.length] ?? {};
}

function requireAccepted(accepted: boolean): void {
  if (!accepted) throw new Error('a call did not succeed');
}

const Success = v.object({ ResponseMetadata: v.object({ RequestId: v.string() }) });

/** What the functions run: credentials, signature, transport, classification. */
function ours({ host, connections }: CallerOptions): Call {
  const api = createFlowLogApi({
    transport: createTransport({ endpoint: `http://${host}`, timeoutMs: TIMEOUT_MS, connections }),
    credentials: async () => KEYS,
    clock: Date.now,
  });
  return async (index) => {
    const { FlowLogId: flowLogId = '', ClientToken: clientToken = '' } = queryFor(index);
    const outcome = await api.activeFlowLog({
      flowLog: { account: 'default', region: REGION, flowLogId },
      clientToken,
      notAfter: Date.now() + TIMEOUT_MS,
    });
    requireAccepted(outcome.kind === 'accepted');
  };
}

/** The least that a call with undici can cost: no signature, nothing judged, but the same response parsed. */
function limit({ host, connections }: CallerOptions): Call {
  const pool = new Pool(`http://${host}`, { connections });
  const paths = QUERIES.map((query) => `/?${new URLSearchParams(query)}`);
  return async (index) => {
    const { statusCode, body } = await pool.request({
      method: 'GET',
      path: paths[index % paths.length] ?? '/',
    });
    const response: unknown = JSON.parse(await body.text());
    requireAccepted(statusCode === 200 && response !== null);
  };
}

class ActiveFlowLog extends Command {
  constructor(params: Record<string, string>) {
    super({});
    this.requestConfig = { method: 'GET', serviceName: 'vpc', params };
  }
}

function sdkCore({ host }: CallerOptions): Call {
  const client = new Client({ ...KEYS, host, protocol: 'http', region: REGION, autoRetry: false });
  return async (index) => {
    requireAccepted(v.is(Success, await client.send(new ActiveFlowLog(queryFor(index)))));
  };
}

function openapi({ host }: CallerOptions): Call {
  const service = new Service({
    accessKeyId: KEYS.accessKeyId,
    secretKey: KEYS.secretAccessKey,
    host,
    protocol: 'http:',
    region: REGION,
    serviceName: 'vpc',
    defaultVersion: '2020-04-01',
  });
  const activate = service.createAPI('ActiveFlowLog', { method: 'GET' });
  return async (index) => {
    const { FlowLogId, ClientToken } = queryFor(index);
    requireAccepted(v.is(Success, await activate({ FlowLogId, ClientToken })));
  };
}

export function createCaller(name: ClientName, options: CallerOptions): Call {
  return { ours, limit, 'sdk-core': sdkCore, openapi }[name](options);
}
