/**
 * Handles the events of a queue until Ctrl-C, or until `count` events were handled: `consume.ts <queue-url> [count]`.
 * Region and credentials come from the environment, as for any program with the AWS SDK.
 */
import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { isActivationCompleted, isActivationFailed, parseEventBridgeEvent } from 'flow-log-activator/events';
import { describeEnd } from './describe-end.ts';
import { RecentIds } from './recent-ids.ts';

const [queueUrl = '', count = 'Infinity'] = process.argv.slice(2);
if (!URL.canParse(queueUrl) || !(Number(count) > 0)) {
  console.error('usage: consume.ts <queue-url> [count]');
  process.exit(2);
}

const sqs = new SQSClient();
const handled = new RecentIds(10_000);
const stopping = new AbortController();
let left = Number(count);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
while (left > 0 && !stopping.signal.aborted) {
  for (const message of await receive()) await take(message);
}
sqs.destroy();

/** Waits up to 20 s for messages. An interrupted wait returns none. */
async function receive(): Promise<Message[]> {
  const request = { QueueUrl: queueUrl, MaxNumberOfMessages: Math.min(left, 10), WaitTimeSeconds: 20 };
  try {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(request), {
      abortSignal: stopping.signal,
    });
    return Messages;
  } catch (error) {
    if (stopping.signal.aborted) return [];
    throw error;
  }
}

/** Deletes a message only if it was handled. Otherwise SQS delivers it up to five times, then moves it to UnhandledEvents. */
async function take({ Body, ReceiptHandle }: Message): Promise<void> {
  try {
    if (!handle(Body)) return;
  } catch (error) {
    console.error('left in the queue:', error);
    return;
  }
  await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
}

/** Returns whether the message was handled. */
function handle(body: string | undefined): boolean {
  const parsed = parseEventBridgeEvent(body);
  // The event is newer than this program and is not needed here.
  if (parsed.outcome === 'unknown-type') return true;
  if (parsed.outcome !== 'known') {
    console.error('left in the queue, not an event of the contract:', parsed);
    return false;
  }
  const { event } = parsed;
  if (handled.has(event.id)) return true;
  if (isActivationCompleted(event) || isActivationFailed(event)) console.log(describeEnd(event));
  handled.add(event.id);
  left -= 1;
  return true;
}
