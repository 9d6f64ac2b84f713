import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { ENDPOINT_VARIABLES } from '../external-services.ts';
import type { AwsAccess } from '../settings.ts';

export type AwsClients = { sqs: SQSClient; dynamodb: DynamoDBClient; eventbridge: EventBridgeClient };

export type AwsEndpoints = { sqs: string; dynamodb: string; eventbridge: string };

/** A service that stays silent must not keep the start waiting. */
const requestHandler = { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true };

/**
 * The real SDK clients, each with its local endpoint. Errors of services that run elsewhere begin with the variable
 * that says where.
 */
export function createAwsClients(
  endpoints: AwsEndpoints,
  access: AwsAccess,
  external: { [Service in keyof AwsEndpoints]?: string | undefined } = {},
): AwsClients {
  const options = { ...access, requestHandler };
  const sqs = new SQSClient({ ...options, endpoint: endpoints.sqs });
  const dynamodb = new DynamoDBClient({ ...options, endpoint: endpoints.dynamodb });
  const eventbridge = new EventBridgeClient({ ...options, endpoint: endpoints.eventbridge });
  if (external.sqs) sqs.middlewareStack.add(namingErrors(ENDPOINT_VARIABLES.sqs), BEFORE_ALL);
  if (external.dynamodb) dynamodb.middlewareStack.add(namingErrors(ENDPOINT_VARIABLES.dynamodb), BEFORE_ALL);
  if (external.eventbridge) {
    eventbridge.middlewareStack.add(namingErrors(ENDPOINT_VARIABLES.eventbridge), BEFORE_ALL);
  }
  return { sqs, dynamodb, eventbridge };
}

const BEFORE_ALL = { step: 'initialize', priority: 'high' } as const;

/** The error stays of its class. Its first line is the reason: the SDK's others are for its own users. */
function namingErrors(variable: string) {
  return <Input, Output>(next: (input: Input) => Promise<Output>) =>
    async (input: Input): Promise<Output> => {
      try {
        return await next(input);
      } catch (error) {
        if (error instanceof Error) {
          const [reason] = (error.message || error.name).split('\n');
          error.message = `${variable}: ${reason}`;
        }
        throw error;
      }
    };
}
