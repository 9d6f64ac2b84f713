import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { activationCompletedExample, activationFailedExample } from '../../events/golden-examples.ts';
import { patterns } from '../../events/subscriber.ts';
import { RecentIds } from '../../examples/subscribers/recent-ids.ts';
import { buildFunctions } from '../../scripts/build.ts';
import { compileTemplate, type Template } from '../../scripts/compile-template.ts';
import { PROJECT_DIR } from '../../scripts/osls.ts';
import { expectOnlyTls } from './template-access-rules.ts';
import { findingsOf } from './template-findings.ts';
import { resourcesOf } from './template-resources.ts';

const directory = join(PROJECT_DIR, 'examples/subscribers');

describe('the subscribers as a stack of their own', () => {
  let template: Template;
  beforeAll(async () => {
    template = await compileTemplate({ directory });
  }, 120_000);

  test('CloudFormation would accept it', async () => {
    expect(await findingsOf(template)).toEqual([]);
  });

  test('its queues refuse whatever comes without TLS', () => {
    expectOnlyTls(template);
  });

  test("its rules are on the service's bus, with a pattern of the package", () => {
    const rules = resourcesOf(template, 'AWS::Events::Rule').map(({ Properties }) => Properties);
    expect(rules).toHaveLength(2);
    for (const rule of rules) {
      expect(rule).toMatchObject({
        EventBusName: 'flow-log-activator-dev',
        EventPattern: patterns.finalEnds(),
      });
    }
  });
});

describe('on-final-events', () => {
  const Bundle = v.object({ handler: v.function() });
  const onTheBus = (detail: object) => ({ version: '0', 'detail-type': 'any', detail });
  let outDir: string;
  let handler: (event: unknown) => unknown;
  let lines: string[];

  beforeAll(async () => {
    outDir = await mkdtemp(join(tmpdir(), 'flow-log-activator-'));
    const [bundle] = await buildFunctions({ functionsDir: join(directory, 'functions'), outDir });
    handler = v.parse(Bundle, { ...(await import(bundle?.path ?? '')) }).handler;
  });
  afterAll(() => rm(outDir, { recursive: true, force: true }));
  beforeEach(() => {
    lines = [];
    vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  });
  afterEach(() => vi.restoreAllMocks());

  test('writes one line for an event, however often it comes', async () => {
    for (const event of [activationCompletedExample, activationFailedExample, activationCompletedExample]) {
      await handler(onTheBus(event));
    }
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        level: 'INFO',
        message: 'fl-2d6m9xk4q8zy85oxruvg1 (default, cn-beijing) is Active after 12635 ms',
        eventId: activationCompletedExample.id,
      },
      {
        level: 'WARN',
        message: expect.stringMatching(/failed \(a redrive may help\), frozen: The flow log is in freeze/),
        eventId: activationFailedExample.id,
      },
    ]);
  });

  test('passes over a newer version, and fails for what it cannot read, each time', async () => {
    await handler(onTheBus({ ...activationCompletedExample, type: 'flow-log-activation.completed.v2' }));
    const { data: _, ...broken } = { ...activationCompletedExample, id: 'another' };
    for (const unreadable of [onTheBus(broken), onTheBus(broken), {}, undefined]) {
      await expect(handler(unreadable)).rejects.toThrow('Not an event of the contract');
    }
    expect(lines).toEqual([]);
  });
});

test('RecentIds forgets the oldest first', () => {
  const recent = new RecentIds(2);
  for (const id of ['a', 'b', 'b', 'c']) recent.add(id);
  expect(['a', 'b', 'c'].map((id) => recent.has(id))).toEqual([false, true, true]);
});
