import { expect, test } from 'vitest';
import { startServer } from '../support/start-server.ts';
import { startTestWorld } from './world.ts';

/** Another implementation of the API: the least that one can be. */
async function startOtherVolcengine() {
  const authorizations: string[] = [];
  const active = new Set<string>();
  const url = await startServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    authorizations.push(request.headers.authorization ?? '');
    const Action = searchParams.get('Action') ?? '';
    const id = searchParams.get('FlowLogId');
    if (id) active.add(id);
    const state = { Status: 'Active', BusinessStatus: 'Normal' };
    const FlowLogs = [...active].map((FlowLogId) => ({ FlowLogId, ...state }));
    const Result = Action === 'DescribeFlowLogs' ? { FlowLogs } : { RequestId: 'other-1' };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ResponseMetadata: { RequestId: 'other-1', Action }, Result }));
  });
  return { url, authorizations };
}

test('VOLCENGINE_ENDPOINT set: the same world runs against that one, with the keys given', async () => {
  const other = await startOtherVolcengine();
  const world = await startTestWorld({
    env: { VOLCENGINE_ENDPOINT: other.url, VOLCENGINE_ACCESS_KEY: 'AK-other', VOLCENGINE_SECRET_KEY: 'SK' },
  });
  expect(world.description.volcengine).toBe(other.url);
  const { body } = await world.post({ flowLogIds: ['fl-1'] });
  const { counts } = await world.untilDone(body.batchId);
  expect(counts.completed).toBe(1);
  expect(other.authorizations.length).toBeGreaterThanOrEqual(2);
  expect(other.authorizations.every((header) => header.includes('Credential=AK-other/'))).toBe(true);
});
