import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type FakeVolcengine, startFakeVolcengine } from '../../local/volcengine/start-fake-volcengine.ts';
import { activate, callRaw, describeFlowLogs } from './fake-volcengine-client.ts';

const region = 'cn-beijing';
const ACTIVATE = { Action: 'ActiveFlowLog', FlowLogId: 'fl-1', ClientToken: 't' };

let now: number;
let fake: FakeVolcengine;

beforeEach(async () => {
  now = Date.now();
  fake = await startFakeVolcengine({ now: () => now, seeds: [{ region, flowLogId: 'fl-1' }] });
});

afterEach(() => fake.close());

const effectiveActivations = () => fake.flowLogs()[0]?.effectiveActivations;

describe.each([false, true])('with processed: %s', (processed) => {
  const effective = processed ? 1 : 0;

  it('an error answers what it is told', async () => {
    fake.addFaults({ kind: 'error', code: 'ServiceUnavailableTemp', retryAfterSeconds: 7, processed });
    const answer = await callRaw(fake.url, ACTIVATE);
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '7' } });
    expect(JSON.parse(answer.text)).toMatchObject({
      ResponseMetadata: {
        Error: { Code: 'ServiceUnavailableTemp', CodeN: 100017, Message: expect.any(String) },
      },
    });
    expect(effectiveActivations()).toBe(effective);
    expect(fake.calls()).toMatchObject([
      { httpStatus: 503, code: 'ServiceUnavailableTemp', fault: 'error', effective: processed },
    ]);
  });

  it('an error with status 200 puts the error in a 200 body', async () => {
    fake.addFaults({ kind: 'error', code: 'Odd', codeN: 7, message: 'odd', httpStatus: 200, processed });
    const answer = await callRaw(fake.url, ACTIVATE);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text).ResponseMetadata.Error).toEqual({ Code: 'Odd', CodeN: 7, Message: 'odd' });
    expect(effectiveActivations()).toBe(effective);
  });

  it('a reset cuts the connection', async () => {
    fake.addFaults({ kind: 'reset', processed });
    await expect(callRaw(fake.url, ACTIVATE)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(effectiveActivations()).toBe(effective);
    expect(fake.calls()).toMatchObject([{ httpStatus: null, fault: 'reset', effective: processed }]);
  });

  it('a hang never answers', async () => {
    fake.addFaults({ kind: 'hang', processed });
    const call = callRaw(fake.url, ACTIVATE).catch(() => 'cut');
    await vi.waitUntil(() => fake.calls().length === 1, 5000);
    expect(fake.calls()).toMatchObject([{ httpStatus: null, fault: 'hang', effective: processed }]);
    expect(effectiveActivations()).toBe(effective);
    await fake.close();
    expect(await call).toBe('cut');
  });

  it('garbage is 200 and no JSON', async () => {
    fake.addFaults({ kind: 'garbage', processed });
    const answer = await callRaw(fake.url, ACTIVATE);
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'content-type': expect.stringContaining('json') },
    });
    expect(() => JSON.parse(answer.text)).toThrow();
    expect(effectiveActivations()).toBe(effective);
  });

  it('html is a page of a gateway', async () => {
    fake.addFaults({ kind: 'html', retryAfterSeconds: 1, processed });
    const answer = await callRaw(fake.url, ACTIVATE);
    expect(answer).toMatchObject({
      status: 502,
      headers: { 'content-type': 'text/html', 'retry-after': '1' },
    });
    expect(answer.text).toMatch(/^<html>/);
    expect(effectiveActivations()).toBe(effective);
  });

  it('a delay answers truly, late, and takes effect before or after it', async () => {
    fake.addFaults({ kind: 'delay', delayMs: 60_000, processed });
    const cut = activate(fake.url, 'fl-1').catch(() => 'cut');
    await vi.waitUntil(() => fake.faults()[0]?.strikes === 1, 5000);
    await vi.waitUntil(() => effectiveActivations() === effective, 5000);
    expect(fake.calls()).toEqual([]);
    await fake.close();
    expect(await cut).toBe('cut');
  });
});

it('a delay that is over answers truly', async () => {
  fake.addFaults({ kind: 'delay', delayMs: 5 });
  expect(await activate(fake.url, 'fl-1')).toMatchObject({ status: 200 });
  expect(fake.calls()).toMatchObject([{ httpStatus: 200, fault: 'delay', effective: true }]);
});

it.each([
  ['simple', 400, 400],
  ['simple-text', 400, '400'],
  ['simple', 200, 400],
] as const)('an error can have the shape %s, with status %i', async (shape, httpStatus, HTTPCode) => {
  fake.addFaults({ kind: 'error', code: 'Throttling', message: 'slower', shape, httpStatus });
  const answer = await callRaw(fake.url, ACTIVATE);
  expect(answer.status).toBe(httpStatus);
  expect(JSON.parse(answer.text)).toEqual({ HTTPCode, errorcode: 'Throttling', message: 'slower' });
  expect(effectiveActivations()).toBe(0);
});

it('a true answer can come behind a byte order mark, or with an empty Error', async () => {
  fake.addFaults([{ kind: 'bom', times: 1 }, { kind: 'empty-error' }]);
  const marked = await callRaw(fake.url, ACTIVATE);
  // What reads it has taken the mark away.
  expect(Number(marked.headers['content-length'])).toBe(Buffer.byteLength(marked.text) + 3);
  const empty = await callRaw(fake.url, ACTIVATE);
  expect(JSON.parse(empty.text)).toMatchObject({
    ResponseMetadata: { Error: { Code: '', CodeN: 0, Message: '' } },
    Result: { RequestId: JSON.parse(marked.text).ResponseMetadata.RequestId },
  });
  const refused = await callRaw(fake.url, { ...ACTIVATE, ClientToken: 'other' });
  expect(JSON.parse(refused.text).ResponseMetadata.Error.Code).toBe('InvalidFlowLog.InvalidStatus');
  expect(effectiveActivations()).toBe(1);
});

it('a truncated answer announces more than it sends, after the effect', async () => {
  fake.addFaults({ kind: 'truncated' });
  await expect(callRaw(fake.url, ACTIVATE)).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(effectiveActivations()).toBe(1);
  expect(fake.calls()).toMatchObject([{ httpStatus: 200, fault: 'truncated', effective: true }]);
});

it('a lost answer is found again by its ClientToken', async () => {
  fake.addFaults({ kind: 'reset', processed: true, nth: [1] });
  await expect(callRaw(fake.url, ACTIVATE)).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(await activate(fake.url, 'fl-1', 't')).toMatchObject({ status: 200 });
  expect(effectiveActivations()).toBe(1);
});

it('strikes only the calls that fit, and nobody who is not signed', async () => {
  fake.addFaults({ kind: 'error', code: 'InternalError', action: 'DescribeFlowLogs', flowLogId: 'fl-*' });
  expect(await activate(fake.url, 'fl-1')).toMatchObject({ status: 200 });
  expect(await describeFlowLogs(fake.url)).toMatchObject({ status: 200 });
  const question = { 'FlowLogIds.1': 'x', 'FlowLogIds.2': 'fl-9' };
  const credential = { accessKey: 'nobody', secretKey: 'x' };
  expect(await describeFlowLogs(fake.url, question, { credential })).toMatchObject({ status: 401 });
  expect(await describeFlowLogs(fake.url, question)).toMatchObject({ status: 500, code: 'InternalError' });
  fake.clearFaults();
  expect(await describeFlowLogs(fake.url, question)).toMatchObject({ status: 200 });
});

describe('the throttle', () => {
  it('answers 429 when the burst is used up, and recovers with time', async () => {
    await fake.changeSettings({ throttle: { callsPerSecond: 2, burst: 3, retryAfterSeconds: 1 } });
    const codes = async (count: number) => {
      const answers: (string | undefined)[] = [];
      for (let index = 0; index < count; index += 1) answers.push((await describeFlowLogs(fake.url)).code);
      return answers;
    };
    const refused = 'AccountFlowLimitExceeded';
    expect(await codes(5)).toEqual([undefined, undefined, undefined, refused, refused]);
    now += 1000;
    expect(await codes(3)).toEqual([undefined, undefined, refused]);
    const answer = await callRaw(fake.url, ACTIVATE);
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    expect(effectiveActivations()).toBe(0);
    await fake.changeSettings({ throttle: null });
    expect(await codes(5)).toEqual(Array(5).fill(undefined));
  });

  it('counts each account by itself, with the code it is told', async () => {
    const credentialOf = (account: string) => ({ accessKey: account, secretKey: account });
    const both = await startFakeVolcengine({
      now: () => now,
      credentials: ['a', 'b'].map((account) => ({ account, ...credentialOf(account) })),
      throttle: { callsPerSecond: 1, burst: 1, code: 'FlowLimitExceeded' },
    });
    onTestFinished(() => both.close());
    const ask = (account: string) => describeFlowLogs(both.url, {}, { credential: credentialOf(account) });
    expect(await ask('a')).toMatchObject({ status: 200 });
    expect(await ask('a')).toMatchObject({ status: 429, code: 'FlowLimitExceeded' });
    expect(await ask('b')).toMatchObject({ status: 200 });
  });
});
