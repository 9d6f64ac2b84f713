import {
  DescribeEventBusCommand,
  PutEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-eventbridge';
import type { IoKind } from './fault-kinds.ts';
import type { Faults } from './faults.ts';
import type { Refusal } from './loads/refusals.ts';

export const BUS_NAME = 'activations';

/** The bus at the level of the SDK's commands. */
export class SimulatedEventBridge {
  exists = true;
  readonly #faults: Faults;
  onEvent: (detail: string) => void = () => {};
  /** What it refuses for what it is. */
  refusalOf: (detail: string) => Refusal | undefined = () => undefined;

  constructor(faults: Faults) {
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
    const Entries = given.map(({ Detail = '' }, index) => {
      if (refusals[index]) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'refused' };
      if (this.#faults.strike('eventbridge: entry refused')) {
        return { ErrorCode: 'InternalFailure', ErrorMessage: 'refused' };
      }
      // For a bus that does not exist PutEvents answers success, and drops the event.
      if (this.exists) this.onEvent(Detail);
      return { EventId: `event-${index}` };
    });
    return { Entries, FailedEntryCount: Entries.filter((entry) => 'ErrorCode' in entry).length };
  }
}

export function eventBridgeIo(command: unknown): IoKind {
  return command instanceof PutEventsCommand ? 'PutEvents' : 'DescribeEventBus';
}
