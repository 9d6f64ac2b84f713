import { randomUUID } from 'node:crypto';
import { parse as parseCsv } from 'csv-parse/sync';
import { expect, onTestFinished, test, vi } from 'vitest';
import { handleRead } from '../../functions/read-activations.ts';
import { runLimit } from '../../functions/run-policies.ts';
import { activateFlowLog } from '../../lib/activation/activate-flow-log.ts';
import { complete, fail } from '../../lib/activation/model/endings.ts';
import { runPolicies } from '../../lib/activation/policies/run-policies.ts';
import { createPoller } from '../../lib/activation/poller/poll-activations.ts';
import { toProblem } from '../../lib/api/problems/error-to-problem.ts';
import { createDynamoDbActivationStore } from '../../lib/aws/dynamodb-activation-store.ts';
import { createDynamoDbPlanStore } from '../../lib/aws/dynamodb-plan-store.ts';
import { createDynamoDbRunStore } from '../../lib/aws/dynamodb-run-store.ts';
import { parsePolicy } from '../../lib/config/policies.ts';
import { httpHandler } from '../../lib/http/http-handler.ts';
import { createFlowLogApi } from '../../lib/volcengine/flow-log-api.ts';
import { createFlowLogFinder } from '../../lib/volcengine/select-flow-logs.ts';
import { createTransport } from '../../lib/volcengine/transport.ts';
import type { FlowLogSeed } from '../../local/volcengine/flow-log.ts';
import { startFakeVolcengine } from '../../local/volcengine/start-fake-volcengine.ts';
import { published } from '../support/builders/activations.ts';
import { inMemoryDeps } from '../support/builders/in-memory-deps.ts';
import { anActivation } from '../support/fakes/activations.ts';
import { flowLogIds } from '../support/fakes/in-memory-flow-log-finder.ts';
import { context, httpEvent } from '../support/fakes/lambda.ts';
import { startTable } from './start-table.ts';

/** It reads 3,000 flow logs five times over HTTP, on a machine that others may use. */
vi.setConfig({ testTimeout: 180_000 });

const ACCOUNTS = ['alpha', 'beta', 'gamma'];
const REGIONS = ['cn-beijing', 'cn-shanghai'];
const PER_SCOPE = 500;
const TOTAL = ACCOUNTS.length * REGIONS.length * PER_SCOPE;
const PERIOD_MS = 900_000;

const parsed = (name: string, change: object) => {
  const text = JSON.stringify({ accounts: 'all', regions: REGIONS, every: '15m', ...change });
  const { policy } = parsePolicy(name, text);
  if (policy === undefined) throw new Error('the policy is wrong');
  return policy;
};
const keepActive = parsed('keep-active', { repair: 'activate' });

type Place = { account: string; region: string; flowLogId: string };

/** The fake Volcengine and the functions' use cases over a table of their own, all by one clock. */
async function startAll({ policies = [keepActive], allowsDeactivation = false } = {}) {
  const memory = inMemoryDeps();
  const { clock } = memory;
  const now = () => clock.now;
  const credentials = ACCOUNTS.map((account) => ({
    account,
    accessKey: `key-of-${account}`,
    secretKey: `secret-of-${account}`,
  }));
  const seeds = ACCOUNTS.flatMap((account) =>
    REGIONS.flatMap((region) =>
      flowLogIds(PER_SCOPE).map(
        (id): FlowLogSeed => ({
          account,
          region,
          flowLogId: id,
          status: 'Active',
          flowLogName: `=name ${id}`,
        }),
      ),
    ),
  );
  const fake = await startFakeVolcengine({ credentials, seeds, now });
  const transport = createTransport({ endpoint: fake.url, timeoutMs: 5_000 });
  onTestFinished(async () => {
    await transport.close();
    await fake.close();
  });
  const caller = {
    transport,
    clock: now,
    credentials: async (account: string) => ({
      accessKeyId: `key-of-${account}`,
      secretAccessKey: `secret-of-${account}`,
    }),
  };
  const { client, tableName } = await startTable(onTestFinished);
  const telemetry = { ...memory, now };
  const deps = {
    ...memory,
    allowsDeactivation,
    store: createDynamoDbActivationStore(client, tableName, telemetry),
    plans: createDynamoDbPlanStore(client, tableName, randomUUID, telemetry),
    runs: createDynamoDbRunStore(client, tableName, telemetry),
    finder: createFlowLogFinder(caller),
    api: createFlowLogApi(caller),
    aliases: () => ACCOUNTS,
  };
  const poller = createPoller(deps);

  return {
    deps,
    change: (places: Place[], to: Partial<FlowLogSeed>) =>
      fake.seed(places.map((place) => ({ ...place, ...to }))),
    describeCalls: () => fake.calls().filter(({ action }) => action === 'DescribeFlowLogs').length,
    deactivations: () => fake.calls().filter(({ action }) => action === 'DeactiveFlowLog').length,
    /** The calls that took a flow log from Inactive to Pending. */
    effectiveCalls: () => fake.calls().filter(({ effective }) => effective).length,
    run: () => runPolicies(deps, policies, runLimit(clock.now, 900_000)),
    /** A period passes, in which worker and poller do what is to be done. */
    async period() {
      const endsAt = clock.now + PERIOD_MS;
      for (let ticks = 0; ticks < 20; ticks += 1) {
        for (const { job } of deps.queue.enqueued.splice(0)) await activateFlowLog(deps, job, 1_000);
        clock.now += 20_000;
        await poller.tick(clock.now + 30_000);
      }
      clock.now = endsAt;
    },
    async report(query: Record<string, string>) {
      const event = {
        ...httpEvent('GET', '/reports/keep-active'),
        routeKey: 'GET /reports/{policy}',
        pathParameters: { policy: 'keep-active' },
        queryStringParameters: query,
      };
      const response = await httpHandler((each) => handleRead(() => deps, each), toProblem)(event, context());
      expect(response.statusCode).toBe(200);
      return response.body ?? '';
    },
  };
}

/** So many flow logs of different accounts and regions, none of which was given before. */
function placesFrom() {
  const used = new Map<string, number>();
  let next = 0;
  return (count: number): Place[] =>
    Array.from({ length: count }, () => {
      const account = ACCOUNTS[next % ACCOUNTS.length] ?? '';
      const region = REGIONS[Math.floor(next / ACCOUNTS.length) % REGIONS.length] ?? '';
      next += 1;
      const scope = `${account} ${region}`;
      const position = used.get(scope) ?? 0;
      used.set(scope, position + 7);
      return { account, region, flowLogId: flowLogIds(PER_SCOPE)[position] ?? '' };
    });
}

const keyOf = ({ account, region, flowLogId }: Place) => [account, region, flowLogId].join(' ');

test('3,000 flow logs, 37 gaps of 9 kinds: all are found and none else, what can be repaired is, the next run changes nothing, and what is switched off by hand is Active again within a period', async () => {
  const { deps, change, describeCalls, effectiveCalls, run, period, report } = await startAll();
  await run();
  await period();
  expect((await deps.runs.listRuns('keep-active', 1)).runs[0]?.counts).toMatchObject({
    compliant: TOTAL,
    gap: 0,
  });

  const take = placesFrom();
  const gaps = {
    inactive: take(12),
    restoring: take(4),
    pending: take(4),
    creating: take(3),
    failed: take(2),
    frozen: take(5),
    deleting: take(3),
    gone: take(3),
    'unknown-status': take(1),
  };
  const long = { pendingMs: 86_400_000 };
  await change(gaps.inactive, { status: 'Inactive' });
  await change(gaps.restoring, {
    status: 'Inactive',
    lockReason: 'unlock',
    plan: [{ afterMs: 20_000, frozen: false }],
  });
  await change(gaps.pending, { status: 'Pending', ...long });
  await change(gaps.creating, { status: 'Creating' });
  await change(gaps.failed, { status: 'Failed' });
  await change(gaps.frozen, { status: 'Inactive', frozen: true });
  await change(gaps.deleting, { status: 'Deleting' });
  await change(gaps.gone, { status: 'Absent' });
  await change(gaps['unknown-status'], { status: 'Suspended' });
  // Two of the Inactive ones were activated before: one of them failed, the other one has drifted.
  const [hasFailed, hasDrifted] = gaps.inactive;
  const ended = deps.now() - PERIOD_MS;
  if (hasFailed) await deps.store.open(published(fail(anActivation(hasFailed), 'frozen', ended)));
  if (hasDrifted) await deps.store.open(published(complete(anActivation(hasDrifted), false, ended)));

  await run();
  const [found] = (await deps.runs.listRuns('keep-active', 1)).runs;
  expect(found?.counts).toEqual({ compliant: TOTAL - 37, gap: 37, excluded: 0, repaired: 0 });
  expect(found?.kinds).toEqual(
    Object.fromEntries(Object.entries(gaps).map(([kind, places]) => [kind, places.length])),
  );
  const rows: (Place & { kind: string })[] = JSON.parse(await report({ state: 'gap' })).rows;
  const expected = Object.entries(gaps).flatMap(([kind, places]) =>
    places.map((place) => `${kind} ${keyOf(place)}`),
  );
  expect(rows.map((row) => `${row.kind} ${keyOf(row)}`).sort()).toEqual(expected.sort());

  await period();
  const repaired = [...gaps.inactive, ...gaps.restoring];
  expect(effectiveCalls()).toBe(repaired.length);
  const before = describeCalls();
  await run();
  const calls = describeCalls() - before;
  expect(calls).toBeLessThanOrEqual(Math.floor(1.1 * Math.ceil(TOTAL / 100)));
  const [second] = (await deps.runs.listRuns('keep-active', 1)).runs;
  expect(second?.counts).toEqual({ compliant: TOTAL - 21, gap: 21, excluded: 0, repaired: repaired.length });
  expect(deps.queue.enqueued).toEqual([]);
  await period();
  expect(effectiveCalls()).toBe(repaired.length);
  const drifted = hasDrifted && (await deps.store.readCurrent(hasDrifted));
  expect(drifted).toMatchObject({ status: 'completed', requestedBy: 'policy:keep-active' });
  expect(drifted?.drift).toBeUndefined();

  // By hand, while nobody looks.
  const off = take(20);
  await change(off, { status: 'Inactive', pendingMs: 1_000 });
  await run();
  await period();
  const shown = await Promise.all(
    ACCOUNTS.flatMap((account) =>
      REGIONS.map(async (region) => {
        const ids = off.filter((place) => place.account === account && place.region === region);
        const described = await deps.api.describeFlowLogs(
          { account, region },
          ids.map(({ flowLogId }) => flowLogId),
        );
        return described.kind === 'described'
          ? [...described.flowLogs.values()].map(({ status }) => status)
          : [];
      }),
    ),
  );
  expect(shown.flat()).toEqual(off.map(() => 'Active'));
  await run();

  const csv = await report({ format: 'csv' });
  const cells: Record<string, string>[] = parseCsv(csv, {
    bom: true,
    columns: true,
    relax_column_count: false,
    record_delimiter: '\r\n',
  });
  expect(cells).toHaveLength(TOTAL);
  expect(cells.filter(({ state }) => state === 'gap')).toHaveLength(21);
  expect(cells.every(({ name }) => name?.startsWith("'=name fl-") || name === '')).toBe(true);
});

test('a policy that wants Inactive switches off what is Active, once, and nothing where that is not allowed', async () => {
  const selection = { accounts: ['alpha'], regions: ['cn-beijing'], desired: 'Inactive' };
  const flowLogs = flowLogIds(PER_SCOPE).slice(0, 3);
  const [needed = ''] = flowLogIds(PER_SCOPE).slice(3);
  const exclusions = [{ flowLogIds: [needed], reason: 'needed' }];
  const selector = { name: '=lab-*' };
  const off = parsed('save-money', { ...selection, selector, exclusions, repair: 'deactivate' });
  for (const allowsDeactivation of [false, true]) {
    const { deps, change, deactivations, run, period } = await startAll({
      policies: [off],
      allowsDeactivation,
    });
    const lab = flowLogs.map((flowLogId) => ({ account: 'alpha', region: 'cn-beijing', flowLogId }));
    await change([...lab, { account: 'alpha', region: 'cn-beijing', flowLogId: needed }], {
      status: 'Active',
      flowLogName: '=lab-1',
    });
    await run();
    await period();
    await run();
    await period();
    const [latest] = (await deps.runs.listRuns('save-money', 1)).runs;
    expect(deactivations()).toBe(allowsDeactivation ? 3 : 0);
    expect(latest?.counts).toEqual(
      allowsDeactivation
        ? { compliant: 3, gap: 0, excluded: 1, repaired: 3 }
        : { compliant: 0, gap: 3, excluded: 1, repaired: 0 },
    );
    const { activations } = await deps.store.readManyCurrent(lab);
    const expected = { desired: 'Inactive', status: 'completed', requestedBy: 'policy:save-money' };
    expect(activations).toMatchObject(allowsDeactivation ? lab.map(() => expected) : []);
  }
});
