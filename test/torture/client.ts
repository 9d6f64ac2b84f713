import * as v from 'valibot';
import { holdsWithin } from './holds-within.ts';
import { AcceptedRequest, SeenActivation, SeenBatch, SeenFlowLogs } from './observations.ts';
import type { PlannedRequest } from './plan.ts';

const ANSWER_BOUND_MS = 60_000;
const READS_AT_ONCE = 8;

/** Sends it, with the same key, until it is answered 202. Throws for any other answer that is not our fault. */
export async function submit(apiUrl: () => string, request: PlannedRequest): Promise<AcceptedRequest> {
  const { idempotencyKey, flowLogIds } = request;
  const body = JSON.stringify({ flowLogIds, metadata: { request: idempotencyKey } });
  const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
  let answer: AcceptedRequest | undefined;
  const send = async (): Promise<boolean> => {
    const response = await fetch(`${apiUrl()}/activations`, { method: 'POST', headers, body });
    if (response.status >= 500) return false;
    const text = await response.text();
    if (response.status !== 202) throw new Refused(`POST /activations: ${response.status} ${text}`);
    answer = v.parse(AcceptedRequest, JSON.parse(text));
    return true;
  };
  // Killed in the middle, or not there yet: the same again.
  const sendAgain = (error: unknown): false => {
    if (error instanceof Refused || error instanceof v.ValiError) throw error;
    return false;
  };
  await holdsWithin(ANSWER_BOUND_MS, () => send().catch(sendAgain));
  if (answer === undefined) throw new Error(`${idempotencyKey} was not answered`);
  return answer;
}

class Refused extends Error {
  override name = 'Refused';
}

export async function readBatch(apiUrl: string, batchId: string): Promise<SeenBatch> {
  return v.parse(SeenBatch, await getJson(`${apiUrl}/batches/${batchId}`));
}

/** By id, archived ones too; one that the API does not know is missing. */
export async function readActivations(apiUrl: string, activationIds: string[]): Promise<SeenActivation[]> {
  const found: SeenActivation[] = [];
  for (let start = 0; start < activationIds.length; start += READS_AT_ONCE) {
    const views = await Promise.all(
      activationIds.slice(start, start + READS_AT_ONCE).map(async (activationId) => {
        const response = await fetch(`${apiUrl}/activations/${activationId}`);
        return response.status === 404 ? [] : [v.parse(SeenActivation, await response.json())];
      }),
    );
    found.push(...views.flat());
  }
  return found;
}

const Page = v.object({
  activations: v.array(v.object({ activationId: v.string() })),
  nextCursor: v.optional(v.string()),
});

/** The ids that `GET /activations?batchId=` lists, page by page. */
export async function listBatch(apiUrl: string, batchId: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ batchId, limit: '40', ...(cursor !== undefined && { cursor }) });
    const page = v.parse(Page, await getJson(`${apiUrl}/activations?${query}`));
    ids.push(...page.activations.map(({ activationId }) => activationId));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return ids;
}

export async function readFlowLogs(volcengineUrl: string) {
  return v.parse(SeenFlowLogs, await getJson(`${volcengineUrl}/_fake/flow-logs`)).flowLogs;
}

/** Throws for any answer but 200. */
async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url);
  if (response.status !== 200) throw new Error(`GET ${url}: ${response.status} ${await response.text()}`);
  return response.json();
}
