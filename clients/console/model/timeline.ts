import type { Activation } from '../../http/api.ts';
import type { Tone } from './activation-state.ts';

type HistoryEntry = Activation['history'][number];

export type Step = {
  at: string;
  tone: Tone;
  title: string;
  /** For people: the error, the task, who did it. */
  details: string[];
  generation: number;
  /** Since the step before. */
  afterMs?: number;
  /** It has not happened yet. */
  isPlanned?: true;
};

/** The events of the history that have a text of their own. */
const EVENTS: Readonly<Record<string, { tone: Tone; title: string }>> = {
  opened: { tone: 'quiet', title: 'Requested and stored' },
  redriven: { tone: 'quiet', title: 'Redriven: queued again' },
  accepted: { tone: 'wait', title: 'Volcengine accepted the call' },
  verify: { tone: 'wait', title: 'Volcengine says it is not Inactive: DescribeFlowLogs decides' },
  retry: { tone: 'alert', title: 'The call did not succeed: another try follows' },
  throttled: { tone: 'alert', title: 'Volcengine throttles: another try follows, slower' },
  hold: { tone: 'alert', title: 'On hold: credentials, permissions or endpoint are refused' },
  completed: { tone: 'good', title: 'Seen Active' },
  'completed (adopted)': { tone: 'good', title: 'Seen Active: somebody else had activated it' },
  'drift ended': { tone: 'good', title: 'Active again' },
};

/** Those that a deactivation says otherwise. */
const EVENTS_OF_DEACTIVATION: typeof EVENTS = {
  verify: { tone: 'wait', title: 'Volcengine says it is not Active: DescribeFlowLogs decides' },
  completed: { tone: 'good', title: 'Seen Inactive' },
  'completed (adopted)': { tone: 'good', title: 'Seen Inactive: somebody else had deactivated it' },
};

const PUBLISHED: Readonly<Record<string, string>> = {
  submitted: 'Event on the bus: submitted',
  completed: 'Event on the bus: completed',
  failed: 'Event on the bus: failed',
  drifted: 'Event on the bus: drifted',
  'dead-letter': 'Dead letter sent to its queue',
};

/** The way of an activation from its request to its events, oldest first, and what is planned next. */
export function timelineOf(activation: Activation): Step[] {
  const happened = [
    ...activation.history.map((entry) => stepOf(activation, entry)),
    ...publishedSteps(activation),
  ];
  const inOrder = happened.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const steps = inOrder.map((step, index): Step => {
    const before = inOrder[index - 1];
    return before === undefined ? step : { ...step, afterMs: Date.parse(step.at) - Date.parse(before.at) };
  });
  return [...steps, ...plannedSteps(activation)];
}

function stepOf({ source, requestId, desired }: Activation, entry: HistoryEntry): Step {
  const { at, event, attempt, generation, code, httpStatus, asyncTaskId, by } = entry;
  const { tone, title } = (desired && EVENTS_OF_DEACTIVATION[event]) ?? EVENTS[event] ?? unnamed(event);
  const details = [
    attempt > 0 && CALLS.has(event) && `call ${attempt}`,
    code && `${code}${httpStatus === undefined ? '' : ` (HTTP ${httpStatus})`}`,
    event === 'accepted' && asyncTaskId && `task ${asyncTaskId}`,
    event === 'accepted' && requestId && `Volcengine's request id ${requestId}`,
    by && `by ${by}`,
    event === 'opened' && source !== 'api' && `from ${source}`,
  ];
  return { at, tone, title, generation, details: details.filter((one): one is string => Boolean(one)) };
}

/** The entries that are about a call of ActiveFlowLog. */
const CALLS = new Set(['accepted', 'verify', 'retry', 'throttled', 'hold']);

function unnamed(event: string): { tone: Tone; title: string } {
  if (event.startsWith('failed: '))
    return { tone: 'bad', title: `Failed: ${event.slice('failed: '.length)}` };
  if (event.startsWith('drifted: '))
    return { tone: 'alert', title: `No longer Active: ${event.slice('drifted: '.length)}` };
  return { tone: 'quiet', title: `${event.charAt(0).toUpperCase()}${event.slice(1)}` };
}

function publishedSteps({ published = [] }: Activation): Step[] {
  return published.map(({ at, event, generation }) => ({
    at,
    generation,
    tone: 'quiet',
    title: PUBLISHED[event] ?? `Published: ${event}`,
    details: event === 'dead-letter' ? [] : ['subscribers and webhooks get it from there'],
  }));
}

function plannedSteps(activation: Activation): Step[] {
  const { status, generation, nextAttemptAt, deadlineAt, desired = 'Active' } = activation;
  if (status === 'completed' || status === 'failed') return [];
  const call: Step[] =
    nextAttemptAt === undefined
      ? []
      : [
          {
            at: nextAttemptAt,
            tone: 'quiet',
            title: 'The next call',
            details: [],
            generation,
            isPlanned: true,
          },
        ];
  return [
    ...call,
    {
      at: deadlineAt,
      tone: 'quiet',
      title: 'Deadline',
      details: [`if it is not ${desired} by then`],
      generation,
      isPlanned: true,
    },
  ];
}
