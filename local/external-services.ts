import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import type { Settings } from './settings.ts';

/** The variables that set the endpoints of external AWS services. */
export const ENDPOINT_VARIABLES = {
  sqs: 'AWS_ENDPOINT_URL_SQS',
  dynamodb: 'AWS_ENDPOINT_URL_DYNAMODB',
  eventbridge: 'AWS_ENDPOINT_URL_EVENTBRIDGE',
  ssm: 'AWS_ENDPOINT_URL_SSM',
} as const;

const RESPONSE_MS = 5_000;

/** Returns one sentence for each external AWS service that does not send an HTTP response within 5 s. */
export async function silentServices(
  external: Settings['external'],
  responseMs = RESPONSE_MS,
): Promise<string[]> {
  const asked = (['sqs', 'dynamodb', 'eventbridge', 'ssm'] as const).map(async (service) => {
    const url = external[service];
    const reason = url === undefined ? undefined : await whySilent(url, responseMs);
    return reason === undefined ? [] : [`${ENDPOINT_VARIABLES[service]} does not respond: ${reason}`];
  });
  return (await Promise.all(asked)).flat();
}

/** Any response is good. It does not use `fetch`, which refuses some ports. */
async function whySilent(url: string, responseMs: number): Promise<string | undefined> {
  const { request } = url.startsWith('https:') ? https : http;
  const signal = AbortSignal.timeout(responseMs);
  const asked = request(url, { signal, agent: false });
  asked.end();
  try {
    await once(asked, 'response');
    return undefined;
  } catch (error) {
    if (signal.aborted) return `nothing within ${responseMs / 1_000} s`;
    if (!(error instanceof Error)) return String(error);
    return 'code' in error ? String(error.code) : error.message;
  } finally {
    asked.on('error', () => {}).destroy();
  }
}
