import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { ENDPOINT_VARIABLES } from '../external-services.ts';
import type { AwsAccess } from '../settings.ts';

export type AwsClients = { sqs: SQSClient; dynamodb: DynamoDBClient; eventbridge: EventBridgeClient };

export type AwsEndpoints = { sqs: string; dynamodb: string; eventbridge: string };

/** A service that does not respond must not delay the start. */
const requestHandler = { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true };

/**
 * The real SDK clients, each with its local endpoint. An error of an external service begins with the name of the
 * variable that sets its endpoint.
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

/** Keeps the class of the error, and only the first line of its message: the reason. The other lines are about the SDK. */
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
