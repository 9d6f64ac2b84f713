import type { Activation } from '../../http/api.ts';
import { WHAT_NOW, WHAT_NOW_DRIFTED, whatNowHeld } from '../../http/what-now.ts';
import { isDrifted, type Tone } from './activation-state.ts';
import { relativeTime } from './time.ts';

export type WhatNow = { tone: Tone; title: string; text: string };

/** What a person does about a reason. A reason of a later version is looked up in the last error. */
export function whatNowFor(reason: string | undefined): string {
  const texts: Readonly<Record<string, string>> = WHAT_NOW;
  return texts[reason ?? 'unexpected'] ?? WHAT_NOW.unexpected;
}

/** What is to be done about one activation, if anything. */
export function whatNow(activation: Activation, now: number): WhatNow {
  const {
    status,
    reason,
    held,
    attempts,
    nextAttemptAt,
    deadlineAt,
    lastError,
    desired = 'Active',
  } = activation;
  if (status === 'failed') return { tone: 'bad', title: `Failed: ${reason}`, text: whatNowFor(reason) };
  if (held) return { tone: 'alert', title: `On hold: ${held.code}`, text: whatNowHeld(lastError?.message) };
  if (status === 'completed') {
    return isDrifted(activation)
      ? { tone: 'alert', title: `Drifted: ${activation.drift?.kind}`, text: WHAT_NOW_DRIFTED }
      : { tone: 'good', title: desired, text: 'Nothing is left to do.' };
  }
  const deadline = `Without an end by itself it fails ${relativeTime(deadlineAt, now)}, as deadline-exceeded.`;
  if (status === 'pending') {
    return {
      tone: 'wait',
      title: 'Volcengine is at work',
      text: `DescribeFlowLogs is asked until it is ${desired}. ${deadline}`,
    };
  }
  const next =
    nextAttemptAt === undefined
      ? 'It is being called now.'
      : `The next call is planned for ${relativeTime(nextAttemptAt, now)}.`;
  const earlier =
    attempts > 0 && lastError ? ` The latest of ${attempts} calls ended with ${lastError.code}.` : '';
  return { tone: 'quiet', title: 'It waits for its call', text: `${next}${earlier} ${deadline}` };
}
