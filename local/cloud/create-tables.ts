import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  type TableDescription,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { type PhysicalResource, resolveIntrinsics } from '../template/intrinsics.ts';
import { physicalName, type StackIdentity } from '../template/physical-resources.ts';
import { resourcesOfType, type Template } from '../template/template.ts';

const KeySchema = v.array(v.object({ AttributeName: v.string(), KeyType: v.picklist(['HASH', 'RANGE']) }));

const IndexSchema = v.object({
  IndexName: v.string(),
  KeySchema,
  Projection: v.object({
    ProjectionType: v.picklist(['ALL', 'KEYS_ONLY', 'INCLUDE']),
    NonKeyAttributes: v.optional(v.array(v.string())),
  }),
});

export type TableDefinition = v.InferOutput<typeof TableProperties> & {
  TableName: string;
  BillingMode: 'PAY_PER_REQUEST';
};

/** The properties of a table that are used locally. Encryption, backups and TTL (which dynalite lacks) are ignored. */
export const TableProperties = v.object({
  AttributeDefinitions: v.array(
    v.object({ AttributeName: v.string(), AttributeType: v.picklist(['S', 'N', 'B']) }),
  ),
  KeySchema,
  GlobalSecondaryIndexes: v.optional(v.array(IndexSchema)),
  LocalSecondaryIndexes: v.optional(v.array(IndexSchema)),
});

/** The tables of the template, as they are to be created, by their logical ids. */
export function tableDefinitions(template: Template, stack: StackIdentity): Map<string, TableDefinition> {
  return new Map(
    [...resourcesOfType(template, 'AWS::DynamoDB::Table')].map(([logicalId, resource]) => {
      const properties = resolveIntrinsics(resource.Properties, { ...stack, resources: new Map() });
      const TableName = physicalName(logicalId, resource, stack);
      return [
        logicalId,
        { ...v.parse(TableProperties, properties), TableName, BillingMode: 'PAY_PER_REQUEST' },
      ];
    }),
  );
}

/** Creates the tables of the template. Throws when a table exists with other keys or indexes. */
export async function createTables(
  dynamodb: DynamoDBClient,
  template: Template,
  stack: StackIdentity,
): Promise<Map<string, PhysicalResource>> {
  const created = new Map<string, PhysicalResource>();
  for (const [logicalId, definition] of tableDefinitions(template, stack)) {
    const table = await createTable(dynamodb, definition);
    created.set(logicalId, { ref: definition.TableName, attributes: { Arn: table.TableArn ?? '' } });
  }
  return created;
}

async function createTable(
  dynamodb: DynamoDBClient,
  wanted: CreateTableCommandInput,
): Promise<TableDescription> {
  const { TableName } = wanted;
  await dynamodb.send(new CreateTableCommand(wanted)).catch((error: unknown) => {
    if (!(error instanceof ResourceInUseException)) throw error;
  });
  await waitUntilTableExists(
    { client: dynamodb, maxWaitTime: 30, minDelay: 0.05, maxDelay: 1 },
    { TableName },
  );
  const { Table = {} } = await dynamodb.send(new DescribeTableCommand({ TableName }));
  if (keysOf(Table) !== keysOf(wanted)) {
    throw new Error(
      `The table ${TableName} exists with other keys or indexes than the template has. Delete it, or the data directory that keeps it.`,
    );
  }
  return Table;
}

type Keyed = Pick<TableDescription, 'KeySchema' | 'GlobalSecondaryIndexes' | 'LocalSecondaryIndexes'>;

/** The keys and indexes as a text that can be compared. The order of the indexes does not matter. */
function keysOf({ KeySchema = [], GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [] }: Keyed): string {
  const key = (schema: typeof KeySchema) =>
    schema.map((part) => `${part.AttributeName}:${part.KeyType}`).join();
  const indexes = [...GlobalSecondaryIndexes, ...LocalSecondaryIndexes].map(
    (index) => `${index.IndexName}(${key(index.KeySchema ?? [])})${index.Projection?.ProjectionType}`,
  );
  return [key(KeySchema), ...indexes.sort()].join(' ');
}
