import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { AwsAccess } from '../settings.ts';

export type AwsClients = { sqs: SQSClient; dynamodb: DynamoDBClient; eventbridge: EventBridgeClient };

export type AwsEndpoints = { sqs: string; dynamodb: string; eventbridge: string };

/** The real SDK clients, each with its local endpoint. */
export function createAwsClients(endpoints: AwsEndpoints, access: AwsAccess): AwsClients {
  return {
    sqs: new SQSClient({ ...access, endpoint: endpoints.sqs }),
    dynamodb: new DynamoDBClient({ ...access, endpoint: endpoints.dynamodb }),
    eventbridge: new EventBridgeClient({ ...access, endpoint: endpoints.eventbridge }),
  };
}
