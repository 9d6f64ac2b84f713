import createClient from 'openapi-fetch';
import type { paths } from '../../contracts/openapi.d.ts';
import { ApiProblem, problemOf, ServiceUnreachable } from '../http/errors.ts';
import type { About } from './about.ts';
import type { OperationRequest } from './model/contract.ts';
import type { BusEvent } from './model/events.ts';
import type { Fault, PlannedFault } from './model/faults.ts';
import { linkTo } from './model/route.ts';

/** Every route, at the server that served this page. A response that is not 2xx is thrown as ApiProblem. */
export const api = createClient<paths>({
  baseUrl: location.origin,
  fetch: async (request) => {
    const response = await fetch(request).catch((error: unknown) => {
      request.signal.throwIfAborted();
      throw new ServiceUnreachable(location.origin, error);
    });
    if (!response.ok) throw await problemOf(response);
    return response;
  },
});

/** Requests an operation, and shows how far it is. Each call is a request of its own. */
export async function startOperation(body: OperationRequest): Promise<string> {
  const header = { 'Idempotency-Key': crypto.randomUUID() };
  const { data } = await api.POST('/operations', { params: { header }, body });
  location.hash = linkTo('operations', { id: data?.operationId ?? '' });
  return 'Requested.';
}

export const readStatus = async (signal: AbortSignal) => (await api.GET('/status', { signal })).data;

export const readAbout = (signal: AbortSignal) => getJson<About>('/console.json', { signal });

export type LocalAlarm = {
  name: string;
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  since: string;
  description: string;
};

/** What only the local world has. */
export const local = {
  alarms: async (signal: AbortSignal) =>
    (await getJson<{ alarms: LocalAlarm[] }>('/_local/alarms', { signal })).alarms,
  events: async (signal: AbortSignal) =>
    (await getJson<{ events: BusEvent[] }>('/_local/events', { signal })).events,
};

/** The control routes of the fake Volcengine, which the local world passes on. */
export const fake = {
  faults: async (signal?: AbortSignal) =>
    (await getJson<{ faults: PlannedFault[] }>('/_fake/faults', { signal })).faults,
  setFaults: async (faults: Fault[]) => {
    await getJson('/_fake/faults', { method: 'DELETE' });
    await getJson('/_fake/faults', { method: 'POST', body: JSON.stringify(faults) });
  },
  putFlowLog: (seed: Record<string, unknown>) =>
    getJson('/_fake/flow-logs', { method: 'PUT', body: JSON.stringify(seed) }),
};

async function getJson<Body>(path: string, init: RequestInit = {}): Promise<Body> {
  const response = await fetch(path, init);
  if (!response.ok) throw await problemOf(response);
  return response.json();
}

/** A failure in the words of the one who looks at the page. */
export function sayError(error: unknown): string {
  if (error instanceof ApiProblem) {
    const fields = error.fields.map(({ field, message }) => `${field} ${message}`);
    return fields.length > 0 ? fields.join('; ') : `${error.message} (HTTP ${error.status})`;
  }
  if (error instanceof ServiceUnreachable || error instanceof TypeError) {
    return 'The service gives no answer. This page tries again.';
  }
  return error instanceof Error ? error.message : String(error);
}
