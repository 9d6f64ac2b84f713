import { onTestFinished } from 'vitest';
import { openReceiver, type Receiver, type Respond } from './recording-receiver.ts';

/** Until the test is over. */
export async function startReceiver(respond?: Respond, port?: number): Promise<Receiver> {
  const receiver = await openReceiver(respond, port);
  onTestFinished(receiver.close);
  return receiver;
}
