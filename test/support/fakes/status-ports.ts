import type {
  BusCheck,
  BusState,
  QueueDepth,
  QueueDepths,
  QueueName,
} from '../../../lib/activation/status/ports.ts';

export class ScriptedQueueDepths implements QueueDepths {
  readonly depths = new Map<QueueName, QueueDepth | undefined>();

  async read() {
    return new Map(this.depths);
  }
}

export class ScriptedBus implements BusCheck {
  current: BusState = 'ok';

  async state() {
    return this.current;
  }
}
