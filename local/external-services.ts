import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import type { Settings } from './settings.ts';

/** Where a service of AWS that runs elsewhere is set. */
export const ENDPOINT_VARIABLES = {
  sqs: 'AWS_ENDPOINT_URL_SQS',
  dynamodb: 'AWS_ENDPOINT_URL_DYNAMODB',
  eventbridge: 'AWS_ENDPOINT_URL_EVENTBRIDGE',
} as const;

const ANSWER_MS = 5_000;

/** A sentence for each service of AWS, set beforehand, that gives no HTTP answer within 5 s. */
export async function silentServices(
  external: Settings['external'],
  answerMs = ANSWER_MS,
): Promise<string[]> {
  const asked = (['sqs', 'dynamodb', 'eventbridge'] as const).map(async (service) => {
    const url = external[service];
    const reason = url === undefined ? undefined : await whySilent(url, answerMs);
    return reason === undefined ? [] : [`${ENDPOINT_VARIABLES[service]} gives no answer: ${reason}`];
  });
  return (await Promise.all(asked)).flat();
}

/** Any answer will do. Not by `fetch`, which refuses some ports. */
async function whySilent(url: string, answerMs: number): Promise<string | undefined> {
  const { request } = url.startsWith('https:') ? https : http;
  const signal = AbortSignal.timeout(answerMs);
  const asked = request(url, { signal, agent: false });
  asked.end();
  try {
    await once(asked, 'response');
    return undefined;
  } catch (error) {
    if (signal.aborted) return `nothing within ${answerMs / 1_000} s`;
    if (!(error instanceof Error)) return String(error);
    return 'code' in error ? String(error.code) : error.message;
  } finally {
    asked.on('error', () => {}).destroy();
  }
}
