import { describe, expect, it } from 'vitest';
import { compileEventPattern } from '../../../local/eventbridge/pattern.ts';
import { InvalidEventPatternError } from '../../../local/eventbridge/pattern-operators.ts';

const event = {
  source: 'shop.orders',
  'detail-type': 'Order Placed',
  resources: ['arn:one', 'arn:two'],
  detail: {
    state: 'open',
    total: 42,
    ip: '10.0.0.7',
    empty: [],
    note: null,
    lines: [{ sku: 'a' }, { sku: 'b' }],
  },
};

const MATCHING: [name: string, pattern: unknown][] = [
  ['exact', { source: ['shop.orders'] }],
  ['one of several', { source: ['other', 'shop.orders'] }],
  ['null', { detail: { note: [null] } }],
  ['an element of an array', { resources: ['arn:two'] }],
  ['a field of an object in an array', { detail: { lines: { sku: ['b'] } } }],
  ['prefix', { source: [{ prefix: 'shop.' }] }],
  ['the empty prefix', { source: [{ prefix: '' }] }],
  ['prefix, case ignored', { source: [{ prefix: { 'equals-ignore-case': 'SHOP.' } }] }],
  ['suffix', { source: [{ suffix: '.orders' }] }],
  ['equals-ignore-case', { 'detail-type': [{ 'equals-ignore-case': 'order placed' }] }],
  ['wildcard', { source: [{ wildcard: 's*p.*s' }] }],
  ['anything-but', { detail: { state: [{ 'anything-but': 'closed' }] } }],
  ['anything-but a list', { detail: { total: [{ 'anything-but': [1, 2] }] } }],
  ['anything-but a prefix', { detail: { state: [{ 'anything-but': { prefix: 'cl' } }] } }],
  ['anything-but suffixes', { detail: { state: [{ 'anything-but': { suffix: ['ed', 'ing'] } }] } }],
  ['numeric', { detail: { total: [{ numeric: ['>', 40, '<=', 42] }] } }],
  ['exists', { detail: { total: [{ exists: true }] } }],
  ['does not exist', { detail: { coupon: [{ exists: false }] } }],
  ['does not exist, nor its parent', { detail: { customer: { name: [{ exists: false }] } } }],
  ['an empty array does not exist', { detail: { empty: [{ exists: false }] } }],
  ['cidr', { detail: { ip: [{ cidr: '10.0.0.0/24' }] } }],
  ['$or', { $or: [{ source: ['other'] }, { detail: { total: [42] } }] }],
  ['all fields', { source: ['shop.orders'], detail: { state: ['open'], total: [42] } }],
];

const NOT_MATCHING: [name: string, pattern: unknown][] = [
  ['another value', { source: ['shop'] }],
  ['a number given as text', { detail: { total: ['42'] } }],
  ['an absent field', { detail: { coupon: ['x'] } }],
  ['an inherited property', { detail: { toString: [{ exists: true }] } }],
  ['anything-but an absent field', { detail: { coupon: [{ 'anything-but': 'x' }] } }],
  ['anything-but', { detail: { state: [{ 'anything-but': ['open', 'closed'] }] } }],
  ['exists', { detail: { total: [{ exists: false }] } }],
  ['exists, for an object', { detail: [{ exists: true }] }],
  ['numeric, at the bound', { detail: { total: [{ numeric: ['<', 42] }] } }],
  ['wildcard, to the end', { source: [{ wildcard: 'shop*x' }] }],
  ['wildcard, in which a dot is a dot', { source: [{ wildcard: 'shop.orders.*' }] }],
  ['cidr', { detail: { ip: [{ cidr: '10.0.1.0/24' }] } }],
  ['$or', { $or: [{ source: ['other'] }, { detail: { total: [1] } }] }],
  ['one of two fields', { source: ['shop.orders'], detail: { state: ['closed'] } }],
];

const INVALID: [name: string, pattern: unknown][] = [
  ['an empty pattern', {}],
  ['text', 'shop.orders'],
  ['a bare value', { source: 'shop.orders' }],
  ['an empty list', { source: [] }],
  ['an unknown operator', { source: [{ regex: '.*' }] }],
  ['an operator of Object.prototype', { source: [{ constructor: 'x' }] }],
  ['two operators at once', { source: [{ prefix: 'a', suffix: 'b' }] }],
  ['a prefix that is not text', { source: [{ prefix: 1 }] }],
  ['exists with text', { source: [{ exists: 'yes' }] }],
  ['an unknown comparison', { detail: { total: [{ numeric: ['!=', 1] }] } }],
  ['an unknown anything-but', { source: [{ 'anything-but': { numeric: ['<', 1] } }] }],
  ['two stars in a row', { source: [{ wildcard: 'a**b' }] }],
  ['a cidr without bits', { detail: { ip: [{ cidr: '10.0.0.0' }] } }],
  ['$or with one pattern', { $or: [{ source: ['a'] }] }],
];

describe('compileEventPattern', () => {
  it.each(MATCHING)('matches: %s', (_, pattern) => {
    expect(compileEventPattern(pattern)(event)).toBe(true);
  });

  it.each(NOT_MATCHING)('does not match: %s', (_, pattern) => {
    expect(compileEventPattern(pattern)(event)).toBe(false);
  });

  it.each(INVALID)('refuses: %s', (_, pattern) => {
    expect(() => compileEventPattern(pattern)).toThrow(InvalidEventPatternError);
  });
});
