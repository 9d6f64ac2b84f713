import type { IncomingMessage, ServerResponse } from 'node:http';
import * as v from 'valibot';
import type { Control } from './control.ts';
import { BodyTooLarge, readWholeBody } from './read-body.ts';
import { JSON_TYPE, send } from './reply.ts';
import { InvalidInput, parseInput, parseJson } from './validation.ts';

type ControlRequest = { query: Record<string, string>; readJson: () => Promise<unknown> };
type ControlHandler = (control: Control, request: ControlRequest) => unknown;

const BODY_LIMIT_BYTES = 16 * 1024 * 1024;

const FlowLogQuerySchema = v.strictObject({
  account: v.optional(v.string()),
  region: v.optional(v.string()),
  flowLogId: v.optional(v.string()),
});
const CallsQuerySchema = v.strictObject({
  since: v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number)), '0'),
});

const seed: ControlHandler = async (control, { readJson }) => ({
  flowLogs: await control.seed(await readJson()),
});

const ROUTES: Record<string, Record<string, ControlHandler>> = {
  '/_fake/flow-logs': {
    GET: (control, { query }) => ({
      flowLogs: control.flowLogs(parseInput(FlowLogQuerySchema, query, 'query')),
    }),
    PUT: seed,
    POST: seed,
  },
  '/_fake/faults': {
    GET: (control) => ({ faults: control.faults() }),
    POST: async (control, { readJson }) => ({ faults: control.addFaults(await readJson()) }),
    DELETE: (control) => {
      control.clearFaults();
      return { faults: [] };
    },
  },
  '/_fake/sessions': {
    GET: (control) => ({ sessions: control.sessions() }),
    DELETE: (control) => {
      control.expireSessions();
      return { sessions: control.sessions() };
    },
  },
  '/_fake/settings': {
    GET: (control) => control.settings(),
    POST: async (control, { readJson }) => control.changeSettings(await readJson()),
  },
  '/_fake/calls': {
    GET: (control, { query }) => ({
      calls: control.calls(parseInput(CallsQuerySchema, query, 'query').since),
      lastSeq: control.lastSeq,
    }),
  },
  '/_fake/reset': {
    POST: async (control) => {
      await control.reset();
      return {};
    },
  },
};

/** JSON in, JSON out. A refusal is `{message}` with 400, 404, 405 or 413; 500 if the state cannot be stored. */
export async function handleControlCall(
  control: Control,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { httpStatus, body } = await runControlCall(control, message);
  send(response, { httpStatus, contentType: JSON_TYPE, body: `${JSON.stringify(body)}\n` }, Date.now());
}

async function runControlCall(
  control: Control,
  message: IncomingMessage,
): Promise<{ httpStatus: number; body: unknown }> {
  const { pathname, searchParams } = new URL(message.url ?? '/', 'http://localhost');
  const methods = Object.hasOwn(ROUTES, pathname) ? ROUTES[pathname] : undefined;
  if (methods === undefined) {
    return refusal(404, `There is no ${pathname}, only ${Object.keys(ROUTES).join(', ')}.`);
  }
  const method = message.method ?? '';
  const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (handler === undefined) {
    return refusal(405, `${pathname} takes ${Object.keys(methods).join(', ')} only.`);
  }
  const readJson = async () =>
    parseJson((await readWholeBody(message, BODY_LIMIT_BYTES)).toString(), 'The body');
  try {
    return {
      httpStatus: 200,
      body: await handler(control, { query: Object.fromEntries(searchParams), readJson }),
    };
  } catch (error) {
    if (error instanceof InvalidInput) return refusal(400, error.message);
    if (error instanceof BodyTooLarge) return refusal(413, error.message);
    return refusal(500, error instanceof Error ? error.message : String(error));
  }
}

function refusal(httpStatus: number, message: string): { httpStatus: number; body: { message: string } } {
  return { httpStatus, body: { message } };
}
