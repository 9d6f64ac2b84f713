import * as v from 'valibot';
import { beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { compileTemplate } from '../../scripts/compile-template.ts';
import { needsHistory, releaseCommit, releasedFile } from './released-version.ts';

beforeEach(needsHistory);

/** All that are promised an upgrade. The last one is the version before the code as it is. */
const RELEASES = ['0.3.0', '0.4.0', '0.5.0', '0.6.0'];

const Index = v.object({ IndexName: v.string(), KeySchema: v.array(v.unknown()), Projection: v.unknown() });
const Table = v.object({
  KeySchema: v.array(v.unknown()),
  AttributeDefinitions: v.array(v.object({ AttributeName: v.string(), AttributeType: v.string() })),
  GlobalSecondaryIndexes: v.array(Index),
  LocalSecondaryIndexes: v.array(Index),
});
type Table = v.InferOutput<typeof Table>;

const Resources = v.object({ ActivationsTable: v.object({ Properties: Table }) });
const Stack = v.union([
  v.pipe(
    v.object({ resources: v.object({ Resources }) }),
    v.transform(({ resources }) => resources),
  ),
  v.object({ Resources }),
]);

/** The table as the release of this version described it. */
function tableOf(version: string): Table {
  const commit = releaseCommit(version);
  const text = releasedFile(commit, 'infra/table.yml') ?? releasedFile(commit, 'serverless.yml') ?? '';
  return v.parse(Stack, parse(text, { logLevel: 'silent', merge: true })).Resources.ActivationsTable
    .Properties;
}

async function tableOfToday(): Promise<Table> {
  const { Resources } = await compileTemplate();
  return v.parse(Table, Resources.ActivationsTable?.Properties);
}

test('keys and indexes of the table never change; DynamoDB takes one new global index in an update', async () => {
  const tables = [...RELEASES.map(tableOf), await tableOfToday()];
  for (const [index, later] of tables.entries()) {
    const earlier = tables[index - 1] ?? later;
    expect(later.KeySchema).toEqual(earlier.KeySchema);
    expect(later.LocalSecondaryIndexes).toEqual(earlier.LocalSecondaryIndexes);
    expect(later.GlobalSecondaryIndexes).toEqual(expect.arrayContaining(earlier.GlobalSecondaryIndexes));
    expect(later.AttributeDefinitions).toEqual(expect.arrayContaining(earlier.AttributeDefinitions));
    const added = later.GlobalSecondaryIndexes.length - earlier.GlobalSecondaryIndexes.length;
    expect(added).toBeLessThanOrEqual(1);
  }
});
