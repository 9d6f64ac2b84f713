import { gunzipSync, gzipSync } from 'node:zlib';
import * as v from 'valibot';
import { FAILURE_REASONS } from '../activation/model/outcome.ts';
import { DESIRED_STATES, REPAIRS } from '../activation/policies/policy.ts';
import type { PolicyState } from '../activation/policies/ports.ts';
import { STORE_AGAIN_AFTER_MS } from '../activation/policies/row-pages.ts';
import {
  GAP_KINDS,
  type PageRef,
  REPAIR_STATES,
  ROW_STATES,
  type Row,
  RUN_LIFE_MS,
  type Run,
} from '../activation/policies/run.ts';
import { count, ms } from './activation-item.ts';
import { expiry, type ItemKey } from './item-key.ts';
import type { Item } from './item-update.ts';

/*
 * The records of policies:
 *   state   pk R            sk <policy>    how far the policy is; one partition, so that one Query reads them all
 *   run     pk R#<policy>   sk <runId>     never changes
 *   rows    pk R#<policy>   sk C#<id>      up to 1,000 rows of one or more runs
 * Each holds its content as gzip of JSON. They expire after 400 days: the state after the last run, the rows after the
 * last run that can need them.
 */
export const STATES = 'R';
/** Run ids begin with a digit, so they sort before this, and rows after it. */
export const AFTER_RUNS = 'A';

export const runsOf = (policy: string) => `R#${policy}`;
export const runKey = (policy: string, runId: string): ItemKey => ({ pk: runsOf(policy), sk: runId });
export const rowsKey = (policy: string, id: string): ItemKey => ({ pk: runsOf(policy), sk: `C#${id}` });

export function toStateItem(state: PolicyState, now: number): Item {
  const { policy, version } = state;
  return { pk: STATES, sk: policy, version, ...content(state), expiresAt: expiry(now + RUN_LIFE_MS) };
}

export function toRunItem(run: Run): Item {
  const expiresAt = expiry(run.finishedAt + RUN_LIFE_MS);
  return { ...runKey(run.policy, run.runId), ...content(run), expiresAt };
}

export function toRowsItem(policy: string, { id, storedAt }: PageRef, rows: Row[]): Item {
  const expiresAt = expiry(storedAt + RUN_LIFE_MS + 2 * STORE_AGAIN_AFTER_MS);
  return { ...rowsKey(policy, id), ...content(rows), expiresAt };
}

const optionalMs = v.optional(ms);
const kind = v.picklist(GAP_KINDS);
const counts = v.object({ gap: count, excluded: count, compliant: count, repaired: count });
const kinds = v.record(v.string(), count) as v.GenericSchema<Run['kinds']>;

const row = v.object({
  flowLogId: v.string(),
  name: v.string(),
  status: v.string(),
  lockReason: v.optional(v.string()),
  state: v.picklist(ROW_STATES),
  kind: v.optional(kind),
  since: optionalMs,
  repair: v.optional(v.picklist(REPAIR_STATES)),
  activationId: v.optional(v.string()),
  failure: v.optional(v.picklist(FAILURE_REASONS)),
  contradictedBy: v.optional(v.array(v.string())),
  excludedBy: v.optional(v.object({ rule: count, reason: v.string(), until: optionalMs })),
  lastGap: v.optional(v.object({ kind, since: ms, endedAt: ms, activationId: v.optional(v.string()) })),
});

const scope = v.object({
  account: v.string(),
  region: v.string(),
  readAt: optionalMs,
  pages: v.array(v.object({ id: v.string(), state: v.picklist(ROW_STATES), rows: count, storedAt: ms })),
  counts,
  kinds,
  excluded: v.array(count),
  unread: v.optional(v.object({ code: v.string(), since: ms })),
});

const runSchema = v.object({
  policy: v.string(),
  runId: v.string(),
  plannedAt: ms,
  startedAt: ms,
  finishedAt: ms,
  desired: v.picklist(DESIRED_STATES),
  repair: v.picklist(REPAIRS),
  everyMs: count,
  windowOpen: v.boolean(),
  selectionHash: v.string(),
  counts,
  kinds,
  exclusions: v.array(
    v.object({
      rule: count,
      reason: v.string(),
      until: optionalMs,
      matched: count,
      state: v.picklist(['applied', 'stale', 'ended', 'unknown']),
    }),
  ),
  scopes: v.array(scope),
  firstGaps: v.array(v.object({ account: v.string(), region: v.string(), ...row.entries })),
});

const stateSchema = v.object({
  policy: v.string(),
  version: count,
  unpublished: v.optional(v.array(v.string())),
  last: v.optional(v.object({ runId: v.string(), plannedAt: ms, finishedAt: ms, counts, unread: count })),
  open: v.optional(
    v.object({
      plannedAt: ms,
      startedAt: ms,
      leaseUntil: ms,
      fingerprint: v.string(),
      tries: v.optional(count),
      scopes: v.array(scope),
    }),
  ),
});

/* Each throws for an item that no release writes in this form. */

export const fromStateItem = (item: Item): PolicyState => v.parse(stateSchema, contentOf(item));
export const fromRunItem = (item: Item): Run => v.parse(runSchema, contentOf(item));
export const fromRowsItem = (item: Item): Row[] => v.parse(v.array(row), contentOf(item));

function content(value: unknown): Item {
  return { content: gzipSync(JSON.stringify(value)) };
}

/** The largest content is a page of 1,000 rows. More than this was not written by us. */
const CONTENT_LIMIT_BYTES = 64_000_000;

function contentOf({ content }: Item): unknown {
  if (!(content instanceof Uint8Array)) throw new TypeError('the item has no content');
  return JSON.parse(gunzipSync(content, { maxOutputLength: CONTENT_LIMIT_BYTES }).toString());
}
