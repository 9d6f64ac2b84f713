import { describe, expect, it } from 'vitest';
import { resolveIntrinsics, UnresolvedReferenceError } from '../../../local/template/intrinsics.ts';

const scope = {
  region: 'eu-west-1',
  accountId: '123456789012',
  stackName: 'stack',
  resources: new Map([['Queue', { ref: 'http://queue', attributes: { Arn: 'arn:queue' } }]]),
};

const queue = { Ref: 'Queue' };
const queueArn = { 'Fn::GetAtt': ['Queue', 'Arn'] };
const account = { Ref: 'AWS::AccountId' };
const substituted = `\${Queue}|\${Queue.Arn}|\${AWS::StackName}|\${!Literal}`;

const CASES: [name: string, value: unknown, resolved: unknown][] = [
  ['plain values', { a: [1, 'x', null, true] }, { a: [1, 'x', null, true] }],
  ['Ref', queue, 'http://queue'],
  ['Ref to a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
  ['Ref beside another key is data', { Ref: 'Queue', other: 1 }, { Ref: 'Queue', other: 1 }],
  ['Fn::GetAtt as a list', queueArn, 'arn:queue'],
  ['Fn::GetAtt as text', { 'Fn::GetAtt': 'Queue.Arn' }, 'arn:queue'],
  ['Fn::Join, nested', { 'Fn::Join': ['/', ['a', queue, account]] }, 'a/http://queue/123456789012'],
  ['Fn::Sub', { 'Fn::Sub': substituted }, `http://queue|arn:queue|stack|\${Literal}`],
  [
    'Fn::Sub with variables',
    { 'Fn::Sub': [`\${Own}-\${Queue.Arn}`, { Own: queue }] },
    'http://queue-arn:queue',
  ],
  ['Fn::Select of Fn::Split', { 'Fn::Select': [1, { 'Fn::Split': [':', queueArn] }] }, 'queue'],
  ['AWS::NoValue', { a: { Ref: 'AWS::NoValue' }, b: [{ Ref: 'AWS::NoValue' }, 1] }, { b: [1] }],
];

describe('resolveIntrinsics', () => {
  it.each(CASES)('resolves %s', (_, value, resolved) => {
    expect(resolveIntrinsics(value, scope)).toEqual(resolved);
  });

  it.each([
    ['an unknown resource', { Ref: 'Missing' }, 'Missing'],
    ['an unknown attribute', { 'Fn::GetAtt': ['Queue', 'Color'] }, 'Queue.Color'],
    ['an unknown name in Fn::Sub', { 'Fn::Sub': `\${Missing.Arn}` }, 'Missing'],
    ['an unsupported function', { 'Fn::ImportValue': 'x' }, 'Fn::ImportValue'],
  ])('refuses %s and names it', (_, value, named) => {
    expect(() => resolveIntrinsics(value, scope)).toThrow(UnresolvedReferenceError);
    expect(() => resolveIntrinsics(value, scope)).toThrow(named);
  });
});
