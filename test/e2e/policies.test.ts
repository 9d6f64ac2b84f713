import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse as parseCsv } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';
import { call, startTestWorld, until } from './world.ts';

const region = 'cn-beijing';
const policies = {
  'keep-active': { accounts: ['default'], regions: [region], repair: 'activate', every: '5m' },
};

test('a stored policy activates what is off by itself; its report and its event name the rest', async () => {
  const file = join(await tempDir(), 'configuration.json');
  await writeFile(file, JSON.stringify({ policies }));
  const world = await startTestWorld({
    env: { CONFIGURATION_FILE: file },
    fake: {
      seeds: [
        { region, flowLogId: 'fl-active', status: 'Active' },
        { region, flowLogId: 'fl-frozen', frozen: true },
        { region, flowLogId: 'fl-off', pendingMs: 100, flowLogName: '=cmd()' },
      ],
    },
  });
  const { look } = world.watchEvents();
  const invoked = await fetch(`${world.apiUrl}/2015-03-31/functions/run-policies/invocations`, {
    method: 'POST',
    body: '{}',
  });
  expect(invoked.headers.get('x-amz-function-error')).toBeNull();

  const { body } = await call(`${world.apiUrl}/reports/keep-active`);
  expect(body).toMatchObject({
    counts: { compliant: 1, gap: 2 },
    kinds: { frozen: 1, inactive: 1 },
    rows: [
      { flowLogId: 'fl-frozen', kind: 'frozen', repair: 'impossible' },
      { flowLogId: 'fl-off', kind: 'inactive', repair: 'activating' },
      { flowLogId: 'fl-active', state: 'compliant' },
    ],
  });
  const events = await until(look, (seen) =>
    ['flow-log-policy-run.completed.v1', 'flow-log-activation.completed.v1'].every((wanted) =>
      seen.some(({ type }) => type === wanted),
    ),
  );
  expect(events.find(({ type }) => type === 'flow-log-policy-run.completed.v1')?.data).toMatchObject({
    policy: 'keep-active',
    runId: body.runId,
    counts: { compliant: 1, gap: 2 },
  });

  const response = await fetch(`${world.apiUrl}/reports/keep-active`, { headers: { accept: 'text/csv' } });
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(bytes.subarray(0, 3)).toEqual(Buffer.from('\ufeff'));
  const rows: Record<string, string>[] = parseCsv(bytes, { bom: true, columns: true });
  expect(rows.map(({ flow_log_id, name }) => [flow_log_id, name])).toEqual([
    ['fl-frozen', ''],
    ['fl-off', "'=cmd()"],
    ['fl-active', ''],
  ]);
  expect(await call(`${world.apiUrl}/reports/unknown`)).toMatchObject({ status: 404 });
}, 120_000);
