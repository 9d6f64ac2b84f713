import type { Activation } from '../../http/api.ts';
import type { Tone } from './activation-state.ts';
import { linkTo } from './route.ts';

/** Something that was published: an event, or a dead letter. */
export type SeenEvent = {
  key: string;
  at: string;
  tone: Tone;
  /** Such as `completed`. */
  title: string;
  /** What it is about, such as a flow log, and where the page shows that. */
  subject: string;
  href: string | undefined;
  detail: string;
};

/** As `GET /_local/events` of the local world has it. */
export type BusEvent = {
  at: string;
  event: {
    id: string;
    'detail-type': string;
    detail: { subject?: string; data?: Record<string, unknown> };
  };
};

const TONES: Readonly<Record<string, Tone>> = {
  submitted: 'wait',
  completed: 'good',
  failed: 'bad',
  drifted: 'alert',
  'dead-letter': 'bad',
};

const toneOf = (title: string): Tone => TONES[title.split(' ').at(-1) ?? ''] ?? 'quiet';

/** The events of the local bus, in their order. */
export function eventsOfBus(events: BusEvent[]): SeenEvent[] {
  return events.map(({ at, event: { id, 'detail-type': type, detail } }) => {
    const title = titleOf(type);
    const { subject = '', data = {} } = detail;
    const { activationId, batchId, flowLogId, reason } = data;
    const [, planId = ''] = /^(p-[0-9a-f]{32})\.planned$/.exec(id) ?? [];
    return {
      key: id,
      at,
      tone: toneOf(title),
      title,
      subject: textOf(flowLogId) || textOf(batchId) || subject,
      href: hrefOf(textOf(activationId), textOf(batchId), planId),
      detail: textOf(reason),
    };
  });
}

/** What the service says that it has published for activations, the latest first. */
export function eventsOfActivations(activations: Activation[]): SeenEvent[] {
  return activations
    .flatMap(({ activationId, flowLogId, published = [], reason }) =>
      published.map(
        ({ at, event, generation }): SeenEvent => ({
          key: `${activationId} ${generation} ${event}`,
          at,
          tone: toneOf(event),
          title: event,
          subject: flowLogId,
          href: linkTo('activations', { id: activationId }),
          detail: event === 'failed' || event === 'dead-letter' ? (reason ?? '') : '',
        }),
      ),
    )
    .sort((a, b) => b.at.localeCompare(a.at));
}

/** `flow-log-activation.completed.v1` is `completed`, `flow-log-batch.planned.v1` is `batch planned`. */
function titleOf(type: string): string {
  const [, kind = '', what = ''] = /^flow-log(?:-([\w-]+))?\.([\w-]+)\.v\d+$/.exec(type) ?? [];
  if (what === '') return type;
  return kind === '' || kind === 'activation' ? what : `${kind.replaceAll('-', ' ')} ${what}`;
}

function hrefOf(activationId: string, batchId: string, planId: string): string | undefined {
  if (activationId) return linkTo('activations', { id: activationId });
  if (batchId) return linkTo('batches', { id: batchId });
  return planId ? linkTo('plans', { id: planId }) : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
