import { type PageOptions, pageFile } from '../../clients/console/server/page-files.ts';
import { gatewayError, type HttpResponse, handlerResponse } from './handler-response.ts';

export type LocalRoutesOptions = {
  /** The body of `GET /_local`. */
  description: unknown;
  /** The page of the service, at `/`. Absent: there is none. */
  page?: PageOptions;
  /** The address of the fake Volcengine: the page gets at its control routes from here. Absent: it is not faked. */
  fakeUrl?: string;
  /** How the alarms are. */
  alarms?: () => unknown;
  /** The address of the emulator of EventBridge, which keeps the latest events. Absent: it runs elsewhere. */
  busUrl?: string;
};

/** Whether a request is for what only the local world has: `/_local`, its alarms and events, the page, the fake's control. */
export async function localRoute(
  { description, page, fakeUrl, alarms, busUrl }: LocalRoutesOptions,
  { method, target, path, body }: { method: string; target: string; path: string; body: Buffer },
): Promise<HttpResponse | undefined> {
  if (path.startsWith('/_fake/')) {
    return fakeUrl === undefined ? gatewayError(404, 'Not Found') : passOn(fakeUrl, method, target, body);
  }
  if (method !== 'GET') return undefined;
  if (path === '/_local') return handlerResponse(JSON.stringify(description));
  if (path === '/_local/alarms' && alarms) return handlerResponse(JSON.stringify({ alarms: alarms() }));
  if (path === '/_local/events' && busUrl !== undefined) return passOn(busUrl, method, target, body);
  return page && pageFile(path, page);
}

async function passOn(url: string, method: string, target: string, body: Buffer): Promise<HttpResponse> {
  const response = await fetch(new URL(target, url), { method, ...(body.length > 0 && { body }) });
  return {
    status: response.status,
    headers: { 'content-type': response.headers.get('content-type') ?? 'application/json' },
    body: Buffer.from(await response.arrayBuffer()),
  };
}
