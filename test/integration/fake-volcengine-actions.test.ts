import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FakeVolcengine, startFakeVolcengine } from '../../local/volcengine/start-fake-volcengine.ts';
import { activate, callApi, describeFlowLogs } from './fake-volcengine-client.ts';

const region = 'cn-beijing';
const ACTIVATE = { Action: 'ActiveFlowLog', FlowLogId: 'fl-1' };
const INVALID_STATUS = { status: 400, code: 'InvalidFlowLog.InvalidStatus' };
const TOKEN_MALFORMED = 'InvalidParameter.ClientTokenMalformed';

/** Time stands still but for what a test adds. */
let now: number;
let fake: FakeVolcengine;

beforeEach(async () => {
  now = Date.now();
  fake = await startFakeVolcengine({ now: () => now });
});

afterEach(() => fake.close());

const seedInactive = (...flowLogIds: string[]) =>
  fake.seed(flowLogIds.map((flowLogId) => ({ region, flowLogId })));

async function statusOf(flowLogId: string): Promise<string | undefined> {
  const answer = await describeFlowLogs(fake.url, { 'FlowLogIds.1': flowLogId });
  return answer.Result?.FlowLogs?.[0]?.Status;
}

describe('ActiveFlowLog', () => {
  it('takes an Inactive flow log to Pending, and pendingMs later it is Active', async () => {
    await fake.seed({ region, flowLogId: 'fl-1', pendingMs: 5000 });
    expect(await activate(fake.url, 'fl-1')).toMatchObject({
      status: 200,
      Result: { RequestId: expect.any(String) },
    });
    const acceptedAt = now;
    now += 4999;
    expect(await statusOf('fl-1')).toBe('Pending');
    now += 1;
    expect(await statusOf('fl-1')).toBe('Active');
    now += 1000;
    expect(fake.flowLogs()).toMatchObject([
      { pendingAt: acceptedAt, activeAt: acceptedAt + 5000, activeCalls: 1, effectiveActivations: 1 },
    ]);
  });

  it.each(['Active', 'Pending', 'Creating', 'Deleting', 'Failed'] as const)(
    'refuses a flow log that is %s, without a word of a freeze',
    async (status) => {
      await fake.seed({ region, flowLogId: 'fl-1', status });
      const answer = await activate(fake.url, 'fl-1', 't');
      expect(answer).toMatchObject(INVALID_STATUS);
      expect(answer.ResponseMetadata.Error?.Message).not.toMatch(/freeze/i);
      expect(fake.flowLogs()).toMatchObject([{ status, activeCalls: 1, effectiveActivations: 0 }]);
    },
  );

  it('refuses a frozen flow log and says so; DescribeFlowLogs shows the lock', async () => {
    await fake.seed([
      { region, flowLogId: 'fl-1', frozen: true },
      { region, flowLogId: 'fl-2', businessStatus: 'Normal', lockReason: 'security' },
    ]);
    for (const id of ['fl-1', 'fl-2']) {
      const answer = await activate(fake.url, id);
      expect(answer).toMatchObject(INVALID_STATUS);
      expect(answer.ResponseMetadata.Error?.Message).toBe(
        'The specified flow log is not in the correct status for the request. The specified flow log is in freeze.',
      );
    }
    expect((await describeFlowLogs(fake.url)).Result?.FlowLogs).toMatchObject([
      { FlowLogId: 'fl-1', BusinessStatus: 'FinancialLocked', LockReason: 'financial' },
      { FlowLogId: 'fl-2', BusinessStatus: 'Normal', LockReason: 'security' },
    ]);
  });

  it('refuses one that is being restored, and does not say freeze', async () => {
    const plan = [{ afterMs: 0, lockReason: 'unlock' as const }];
    await fake.seed({ region, flowLogId: 'fl-1', frozen: true, plan });
    const answer = await activate(fake.url, 'fl-1');
    expect(answer).toMatchObject(INVALID_STATUS);
    expect(answer.ResponseMetadata.Error?.Message).toBe(
      'The specified flow log is not in the correct status for the request.',
    );
    expect((await describeFlowLogs(fake.url)).Result?.FlowLogs).toMatchObject([
      { FlowLogId: 'fl-1', Status: 'Inactive', BusinessStatus: 'FinancialLocked', LockReason: 'unlock' },
    ]);
  });

  it('finds nothing that is absent, in another region, or in another account', async () => {
    await fake.seed([
      { region, flowLogId: 'fl-1', status: 'Absent' },
      { region: 'cn-shanghai', flowLogId: 'fl-2' },
    ]);
    for (const id of ['fl-1', 'fl-2', 'fl-3']) {
      expect(await activate(fake.url, id)).toMatchObject({ status: 404, code: 'InvalidFlowLog.NotFound' });
    }
    expect(await activate(fake.url, 'fl-2', 't', { region: 'cn-shanghai' })).toMatchObject({ status: 200 });
  });

  it.each<[Record<string, string>, number, string, number | undefined]>([
    [{ Action: 'ActiveFlowLog' }, 400, 'MissingParameter.FlowLogId', 100002],
    [{ ...ACTIVATE, FlowLogId: '' }, 400, 'MissingParameter.FlowLogId', 100002],
    [{ ...ACTIVATE, DryRun: 'true' }, 400, 'InvalidParameter', undefined],
    [{ ...ACTIVATE, ClientToken: '' }, 400, TOKEN_MALFORMED, undefined],
    [{ ...ACTIVATE, ClientToken: 'x'.repeat(65) }, 400, TOKEN_MALFORMED, undefined],
    [{ ...ACTIVATE, ClientToken: 'tökén' }, 400, TOKEN_MALFORMED, undefined],
    [{ FlowLogId: 'fl-1' }, 400, 'MissingParameter', 100002],
    [{ ...ACTIVATE, Action: 'ActivateFlowLog' }, 404, 'InvalidActionOrVersion', 100008],
    [{ ...ACTIVATE, Version: '2020-04-02' }, 404, 'InvalidActionOrVersion', 100008],
  ])('refuses %j', async (parameters, status, code, codeN) => {
    await seedInactive('fl-1');
    const answer = await callApi(fake.url, parameters);
    expect(answer).toMatchObject({ status, code });
    expect(answer.ResponseMetadata.Error?.CodeN).toBe(codeN);
    expect(fake.flowLogs()).toMatchObject([{ effectiveActivations: 0 }]);
  });
});

describe('DeactiveFlowLog', () => {
  it('takes an Active flow log to Pending, then to Inactive, and nothing else', async () => {
    await fake.seed({ region, flowLogId: 'fl-1', status: 'Active', pendingMs: 1_000 });
    const deactivate = () => callApi(fake.url, { Action: 'DeactiveFlowLog', FlowLogId: 'fl-1' });
    expect(await deactivate()).toMatchObject({
      status: 200,
      Result: { AsyncTaskId: expect.stringMatching(/^task-/) },
    });
    expect(await statusOf('fl-1')).toBe('Pending');
    expect(await deactivate()).toMatchObject(INVALID_STATUS);
    expect(await activate(fake.url, 'fl-1')).toMatchObject(INVALID_STATUS);
    now += 1_000;
    expect(await statusOf('fl-1')).toBe('Inactive');
    expect(await deactivate()).toMatchObject(INVALID_STATUS);
    expect(await activate(fake.url, 'fl-1')).toMatchObject({ status: 200 });
    now += 1_000;
    expect(await statusOf('fl-1')).toBe('Active');
  });
});

describe('a ClientToken', () => {
  it('used again with the same parameters answers the same, without a second effect', async () => {
    await fake.seed({ region, flowLogId: 'fl-1', pendingMs: 0 });
    const first = await activate(fake.url, 'fl-1', 't-1');
    await callApi(fake.url, { Action: 'DeactiveFlowLog', FlowLogId: 'fl-1', ClientToken: 't-2' });
    const again = await activate(fake.url, 'fl-1', 't-1');
    expect(first.Result?.AsyncTaskId).toMatch(/^task-/);
    expect(again).toMatchObject({ status: 200, Result: first.Result });
    expect(again.ResponseMetadata.RequestId).not.toBe(first.ResponseMetadata.RequestId);
    expect(fake.flowLogs()).toMatchObject([{ status: 'Inactive', activeCalls: 2, effectiveActivations: 1 }]);
    expect(fake.calls().map((call) => call.effective)).toEqual([true, false, false]);
  });

  it('used with other parameters is refused, in its own region only', async () => {
    await seedInactive('fl-1', 'fl-2');
    await fake.seed({ region: 'cn-shanghai', flowLogId: 'fl-2' });
    await activate(fake.url, 'fl-1', 't');
    const mismatch = { status: 400, code: 'IdempotentParameterMismatch' };
    expect(await activate(fake.url, 'fl-2', 't')).toMatchObject(mismatch);
    const other = { Action: 'DeactiveFlowLog', FlowLogId: 'fl-1', ClientToken: 't' };
    expect(await callApi(fake.url, other)).toMatchObject(mismatch);
    expect(await activate(fake.url, 'fl-2', 't', { region: 'cn-shanghai' })).toMatchObject({ status: 200 });
  });

  it('of a refused call is free for another', async () => {
    await seedInactive('fl-1');
    expect(await activate(fake.url, 'fl-0', 't')).toMatchObject({ status: 404 });
    expect(await activate(fake.url, 'fl-1', 't')).toMatchObject({ status: 200 });
  });

  it('that was forgotten is no longer known', async () => {
    await seedInactive('fl-1', 'fl-2');
    await activate(fake.url, 'fl-1', 't-1');
    await activate(fake.url, 'fl-2', 't-2');
    await fake.changeSettings({ forgetTokens: ['t-1'] });
    expect(await activate(fake.url, 'fl-1', 't-1')).toMatchObject(INVALID_STATUS);
    expect(await activate(fake.url, 'fl-2', 't-2')).toMatchObject({ status: 200 });
    await fake.changeSettings({ forgetTokens: true });
    expect(await activate(fake.url, 'fl-2', 't-2')).toMatchObject({ status: 400 });
  });

  it('in process answers 412, another call on that flow log 409', async () => {
    await seedInactive('fl-2');
    await fake.seed({ region, flowLogId: 'fl-1', processingMs: 60_000 });
    const first = activate(fake.url, 'fl-1', 't-1').catch(() => 'cut');
    await vi.waitUntil(() => fake.flowLogs({ flowLogId: 'fl-1' })[0]?.activeCalls === 1, 5000);
    const processing = { status: 412, code: 'IdempotentProcessing' };
    expect(await activate(fake.url, 'fl-1', 't-1')).toMatchObject(processing);
    expect(await activate(fake.url, 'fl-2', 't-1')).toMatchObject({ code: 'IdempotentParameterMismatch' });
    const conflict = { status: 409, code: 'InvalidOperation.Conflict' };
    expect(await activate(fake.url, 'fl-1', 't-2')).toMatchObject(conflict);
    expect(await activate(fake.url, 'fl-1')).toMatchObject({ status: 409 });
    await fake.close();
    expect(await first).toBe('cut');
  });

  it('takes effect once when its processing ends', async () => {
    await fake.seed({ region, flowLogId: 'fl-1', processingMs: 5 });
    expect(await activate(fake.url, 'fl-1', 't-1')).toMatchObject({ status: 200 });
    expect(await activate(fake.url, 'fl-1', 't-1')).toMatchObject({ status: 200 });
    expect(fake.flowLogs()).toMatchObject([{ effectiveActivations: 1 }]);
  });
});

describe('autoCreate', () => {
  it('creates what fits when it is first asked for by id', async () => {
    await fake.changeSettings({ autoCreate: { pattern: 'fl-*', pendingMs: 100 } });
    expect(await statusOf('fl-1')).toBe('Inactive');
    expect(await activate(fake.url, 'fl-2')).toMatchObject({ status: 200 });
    expect(await activate(fake.url, 'eni-1')).toMatchObject({ status: 404 });
    now += 100;
    expect(await statusOf('fl-2')).toBe('Active');
    expect((await describeFlowLogs(fake.url)).Result?.FlowLogs).toHaveLength(2);
    await fake.changeSettings({ autoCreate: null });
    expect(await activate(fake.url, 'fl-3')).toMatchObject({ status: 404 });
  });
});
