import { describe, expect, test } from 'vitest';
import { assertSupportedTransformer, transformInput } from '../../../local/eventbridge/input-transformer.ts';
import { scheduledInput } from '../../../local/functions-runner/run-schedule.ts';

const event = {
  time: '2026-01-02T03:04:05Z',
  resources: ['arn:aws:events:eu-west-1:000000000000:rule/nightly'],
  detail: { state: 'a "quoted" state', count: 7, list: [1, 2], none: null },
};
const reserved = { ruleArn: 'arn:rule', ingestionTime: '2026-01-02T03:04:06Z' };
const transform = (template: string, paths: Record<string, string> = {}) =>
  transformInput({ template, paths }, event, reserved);

describe('a template', () => {
  const paths = { n: '$.detail.count', l: '$.detail.list', d: '$.detail', x: '$.detail.none' };
  const known = '[<aws.events.rule-arn>, "<aws.events.event.ingestion-time>"]';
  test.each<[string, string, Record<string, string>, unknown]>([
    ['a text gets its quotes', '{"at": <time>}', { time: '$.time' }, { at: event.time }],
    ['within quotes it is the text alone', '{"a": "at <t>!"}', { t: '$.time' }, { a: `at ${event.time}!` }],
    ['and stays JSON', '{"a": "<s>"}', { s: '$.detail.state' }, { a: event.detail.state }],
    ['an item of a list', '[<rule>]', { rule: '$.resources[0]' }, event.resources],
    ['numbers, lists, objects and null', '[<n>,<l>,<d>,<x>]', paths, [7, [1, 2], event.detail, null]],
    ['a number within quotes', '"<n> times"', { n: '$.detail.count' }, '7 times'],
    ['the whole event', '{"event": <e>}', { e: '$' }, { event }],
    ['what EventBridge knows itself', known, {}, ['arn:rule', reserved.ingestionTime]],
    ['no variable', '{"a": [true]}', {}, { a: [true] }],
    ['a quote that is escaped ends no text', '{"a": "\\"<n>"}', { n: '$.detail.count' }, { a: '"7' }],
  ])('%s', (_what, template, given, expected) => {
    expect(transform(template, given)).toEqual(expected);
  });

  test('a path with nothing at its end is an error when it fires', () => {
    expect(() => transform('{"a": <x>}', { x: '$.detail.missing' })).toThrow('no <x>');
    expect(() => transform('{"a": <x>}', { x: '$.resources[1]' })).toThrow('no <x>');
    expect(() => transform('"<d>"', { d: '$.detail' })).toThrow('not a text');
  });
});

describe('refused beforehand', () => {
  test.each<[string, string, Record<string, string>]>([
    ['a variable that nothing defines', '{"a": <b>}', {}],
    ['other variables of EventBridge', '{"a": <aws.events.event.json>}', {}],
    ['what is not JSON', 'the time is <t>', { t: '$.time' }],
    ['JSON that a value leaves broken', '{"a": x<t>}', { t: '$.time' }],
    ['a filter as path', '<a>', { a: '$.list[?(@.x)]' }],
    ['a wildcard as path', '<a>', { a: '$.list[*]' }],
  ])('%s', (_what, template, paths) => {
    expect(() => assertSupportedTransformer({ template, paths })).toThrow('Input');
  });
});

test('a schedule puts its rule and its time in', () => {
  const ruleArn = 'arn:aws:events:eu-west-1:000000000000:rule/nightly';
  const inputTransformer = {
    template: '{"schedule": <rule>, "scheduledAt": <time>, "selector": {"name": "prod-*"}, "dryRun": true}',
    paths: { rule: '$.resources[0]', time: '$.time' },
  };
  const stack = { region: 'eu-west-1', accountId: '000000000000', stackName: 'test' };
  const target = { id: 'one', arn: 'arn', inputTransformer };
  assertSupportedTransformer(inputTransformer);
  expect(scheduledInput({ target, ruleArn, stack }, new Date('2026-01-02T03:04:05.678Z'))).toEqual({
    schedule: ruleArn,
    scheduledAt: '2026-01-02T03:04:05Z',
    selector: { name: 'prod-*' },
    dryRun: true,
  });
});
