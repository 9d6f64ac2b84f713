import * as v from 'valibot';
import type { Pause } from '../../activation/quota/quota-state.ts';
import { accountSchema, principalSchema, timeSchema } from '../fields.ts';
import { whySchema } from '../requests/pause-request.ts';
import { iso } from './iso-time.ts';

export const pauseSchema = v.pipe(
  v.object({
    account: accountSchema,
    paused: v.boolean(),
    since: v.optional(v.pipe(timeSchema, v.description('Since when it is paused.'))),
    by: v.optional(v.pipe(principalSchema, v.description('Who paused it.'))),
    why: v.optional(whySchema),
  }),
  v.description('Whether an account is paused. A paused account is not called.'),
);
export type PauseResponse = v.InferOutput<typeof pauseSchema>;

/** `pause` undefined: the account is not paused. */
export function pauseView(account: string, pause?: Pause): PauseResponse {
  if (pause === undefined) return { account, paused: false };
  const { pausedAt, pausedBy: by, pausedWhy: why } = pause;
  return { account, paused: true, since: iso(pausedAt), by, ...(why && { why }) };
}
