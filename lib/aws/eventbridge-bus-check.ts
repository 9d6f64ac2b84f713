import { DescribeEventBusCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { BusCheck, BusState } from '../activation/status/ports.ts';

const STATES: Readonly<Record<string, BusState>> = {
  ResourceNotFoundException: 'missing',
  AccessDeniedException: 'refused',
};

export function createBusCheck(client: EventBridgeClient, busName: string): BusCheck {
  return {
    async state() {
      try {
        await client.send(new DescribeEventBusCommand({ Name: busName }));
        return 'ok';
      } catch (error) {
        return (error instanceof Error ? STATES[error.name] : undefined) ?? 'unknown';
      }
    },
  };
}
