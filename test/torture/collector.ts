import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import type { LocalWorld } from '../../local/world.ts';
import { LOCAL_ACCESS } from '../support/local-access.ts';
import type { Ledger } from './ledger.ts';
import {
  ActivationEvent,
  BatchEvent,
  DeadLetterMessage,
  EventMessage,
  SeenCalls,
  SeenFaults,
} from './observations.ts';

const LOOK_EVERY_MS = 100;
const RETRY_AFTER_MS = 200;

export type Collector = {
  /** Resolves when nothing is received any more. Throws for a message that is not what its queue promises. */
  stop(): Promise<void>;
};

/**
 * Drains the queues that callers watch, and follows the fake's call log, into the ledger until stopped.
 * `faultLabels`: the names of the planned faults, in their order.
 */
export function startCollector(world: LocalWorld, ledger: Ledger, faultLabels: string[]): Collector {
  const { sqs: endpoint, volcengine, queues } = world.description;
  const stopping = new AbortController();
  const { signal } = stopping;
  const sqs = new SQSClient({ ...LOCAL_ACCESS, endpoint, maxAttempts: 1 });

  const drain = (queueUrl: string | undefined, record: (message: Message) => void) =>
    repeat(signal, async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: 1,
          MessageAttributeNames: ['All'],
        }),
        { abortSignal: signal },
      );
      for (const message of Messages) record(message);
      if (Messages.length === 0) return;
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }), { abortSignal: signal });
    });

  let lastSeq = 0;
  const counted = faultLabels.map(() => 0);
  const followVolcengine = () =>
    repeat(signal, async () => {
      const { calls } = v.parse(SeenCalls, await getJson(`${volcengine}/_fake/calls?since=${lastSeq}`));
      lastSeq = calls.at(-1)?.seq ?? lastSeq;
      ledger.calls.push(...calls);
      const { faults } = v.parse(SeenFaults, await getJson(`${volcengine}/_fake/faults`));
      for (const [index, { strikes }] of faults.entries()) {
        const label = faultLabels[index] ?? 'unknown';
        ledger.faults.set(label, (ledger.faults.get(label) ?? 0) + strikes - (counted[index] ?? 0));
        counted[index] = strikes;
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    });

  const running = [
    drain(queues.events, ({ Body }) => recordEvent(ledger, Body)),
    drain(queues.deadLetter, ({ Body = '' }) => {
      const { activationId, generation, reason } = v.parse(DeadLetterMessage, Body);
      ledger.deadLetters.push({ activationId, generation, reason, body: Body });
    }),
    drain(queues.poison, ({ Body = '', MessageAttributes }) => {
      const reason = MessageAttributes?.reason?.StringValue;
      ledger.poison.push({ body: Body, ...(reason !== undefined && { reason }) });
    }),
    followVolcengine(),
  ];
  const ended = Promise.all(running);
  // What cannot be read is thrown by `stop`.
  ended.catch(() => {});
  return {
    async stop() {
      stopping.abort();
      await ended;
      sqs.destroy();
    },
  };
}

/** A service that was killed refuses every call until it is stopped or there again. */
async function repeat(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      if (error instanceof v.ValiError) throw error;
      await sleep(RETRY_AFTER_MS, undefined, { signal }).catch(() => {});
    }
  }
}

function recordEvent(ledger: Ledger, message: string | undefined): void {
  const { detail } = v.parse(EventMessage, message);
  const { id, type } = detail;
  const body = bodyOf(message);
  if (v.is(ActivationEvent, detail)) {
    const { activationId, generation, batchIds, reason } = detail.data;
    ledger.events.push({ id, type, activationId, generation, batchIds, reason, body });
  } else if (v.is(BatchEvent, detail)) {
    const { batchId, total, counts } = detail.data;
    ledger.batchEvents.push({ id, batchId, total, counts, body });
  } else {
    ledger.otherEvents.push({ id, type, body });
  }
}

/** The CloudEvent alone: what the bus puts around it has an id of its own for each delivery. */
function bodyOf(message = ''): string {
  return JSON.stringify(v.parse(v.object({ detail: v.unknown() }), JSON.parse(message)).detail);
}

async function getJson(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}
