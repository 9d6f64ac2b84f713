import * as v from 'valibot';
import { ApiError } from './api-error.ts';
import { EventBus } from './event-bus.ts';
import { type PutEventsWorld, putEvents } from './put-events.ts';
import { BusRequest, PutEventsRequest, PutRuleRequest, PutTargetsRequest } from './requests.ts';
import { assertSupportedInputPath } from './target-input.ts';

export type EventBridgeOptions = Omit<PutEventsWorld, 'findBus'>;

export type Operation = (request: unknown) => unknown;

/**
 * Returns the operations by name. Their buses live as long as the map. They throw ApiError, pattern and schema errors.
 */
export function eventBridgeOperations(options: EventBridgeOptions): Map<string, Operation> {
  const { region, account } = options;
  const buses = new Map<string, EventBus>();
  const addBus = (name: string): EventBus => {
    const bus = new EventBus(name, `arn:aws:events:${region}:${account}:event-bus/${name}`);
    buses.set(name, bus);
    return bus;
  };
  addBus('default');
  const findBus = (nameOrArn: string) => buses.get(nameOrArn.replace(/^arn:[^/]*\//, ''));
  const existingBus = (nameOrArn: string): EventBus => {
    const bus = findBus(nameOrArn);
    if (!bus) {
      throw new ApiError('ResourceNotFoundException', `Event bus ${nameOrArn} does not exist.`);
    }
    return bus;
  };

  return new Map<string, Operation>([
    [
      'PutEvents',
      (request) => putEvents(v.parse(PutEventsRequest, request).Entries, { ...options, findBus }),
    ],
    [
      'CreateEventBus',
      (request) => {
        const { Name } = v.parse(BusRequest, request);
        if (buses.has(Name)) {
          throw new ApiError('ResourceAlreadyExistsException', `Event bus ${Name} already exists.`);
        }
        return { EventBusArn: addBus(Name).arn };
      },
    ],
    [
      'DescribeEventBus',
      (request) => {
        const { name, arn } = existingBus(v.parse(BusRequest, request).Name);
        return { Name: name, Arn: arn };
      },
    ],
    [
      'DeleteEventBus',
      (request) => {
        buses.delete(v.parse(BusRequest, request).Name);
        return {};
      },
    ],
    [
      'PutRule',
      (request) => {
        const { Name, EventBusName, EventPattern, State } = v.parse(PutRuleRequest, request);
        existingBus(EventBusName).putRule(Name, EventPattern, State !== 'DISABLED');
        return { RuleArn: `arn:aws:events:${region}:${account}:rule/${EventBusName}/${Name}` };
      },
    ],
    [
      'PutTargets',
      (request) => {
        const { Rule, EventBusName, Targets } = v.parse(PutTargetsRequest, request);
        for (const { InputPath } of Targets) if (InputPath !== undefined) assertSupportedInputPath(InputPath);
        const targets = Targets.map(({ Id, Arn, Input, InputPath }) => ({
          id: Id,
          arn: Arn,
          ...(Input !== undefined && { input: Input }),
          ...(InputPath !== undefined && { inputPath: InputPath }),
        }));
        if (!existingBus(EventBusName).putTargets(Rule, targets)) {
          throw new ApiError('ResourceNotFoundException', `Rule ${Rule} does not exist.`);
        }
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
    ],
  ]);
}
