import {
  DescribeEventBusCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  ResourceNotFoundException,
} from '@aws-sdk/client-eventbridge';
import type { Faults } from './faults.ts';

export const BUS_NAME = 'activations';

/** The bus at the level of the SDK's commands. */
export class SimulatedEventBridge {
  exists = true;
  readonly #faults: Faults<'eventbridge: entry refused'>;
  onEvent: (detail: string, entry: PutEventsRequestEntry) => void = () => {};
  /** How it refuses an event for what it is: its entry, or the call that it is in. */
  refusalOf: (detail: string) => 'entry' | 'call' | undefined = () => undefined;

  constructor(faults: Faults<'eventbridge: entry refused'>) {
    this.#faults = faults;
  }

  execute(command: unknown): unknown {
    if (command instanceof DescribeEventBusCommand) {
      if (this.exists) return { Name: command.input.Name };
      throw new ResourceNotFoundException({
        message: `Event bus ${BUS_NAME} does not exist.`,
        $metadata: {},
      });
    }
    if (!(command instanceof PutEventsCommand)) throw new Error('EventBridge does not know this command');
    const { Entries: given = [] } = command.input;
    const refusals = given.map(({ Detail = '' }) => this.refusalOf(Detail));
    if (refusals.includes('call')) {
      throw Object.assign(new Error('refused'), { name: 'ValidationException' });
    }
    const Entries = given.map((entry, index) => {
      if (refusals[index]) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'refused' };
      if (this.#faults.strike('eventbridge: entry refused')) {
        return { ErrorCode: 'InternalFailure', ErrorMessage: 'refused' };
      }
      // For a bus that does not exist PutEvents answers success, and drops the event.
      if (this.exists) this.onEvent(entry.Detail ?? '', entry);
      return { EventId: `event-${index}` };
    });
    return { Entries, FailedEntryCount: Entries.filter((entry) => 'ErrorCode' in entry).length };
  }
}
