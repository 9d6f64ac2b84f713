import { expect, test } from 'vitest';
import { settleConditions } from '../../../local/template/conditions.ts';
import { UnresolvedReferenceError } from '../../../local/template/intrinsics.ts';

const template = (Conditions: Record<string, unknown>, State: unknown) => ({
  Conditions,
  Resources: { Rule: { Type: 'AWS::Events::Rule', Properties: { State, Targets: [{ Id: 'a' }] } } },
});
const stateOf = (conditions: Record<string, unknown>, state: unknown, known = {}) =>
  settleConditions(template(conditions, state), known).Resources.Rule?.Properties;

const choice = { 'Fn::If': ['HasOne', 'ENABLED', 'DISABLED'] };
const empty = { 'Fn::Equals': ['{}', '{}'] };

test.each([
  ['Fn::Equals that holds', empty, {}, 'ENABLED'],
  ['Fn::Equals that does not', { 'Fn::Equals': ['{"a":1}', '{}'] }, {}, 'DISABLED'],
  ['Fn::Not', { 'Fn::Not': [empty] }, {}, 'DISABLED'],
  ['what is known otherwise', { 'Fn::Not': [empty] }, { HasOne: true }, 'ENABLED'],
])('%s', (_what, condition, known, state) => {
  expect(stateOf({ HasOne: condition }, choice, known)).toEqual({ State: state, Targets: [{ Id: 'a' }] });
});

test('a branch may have another choice in it', () => {
  const nested = { 'Fn::If': ['HasOne', [choice], 'none'] };
  expect(stateOf({ HasOne: empty }, nested)).toMatchObject({ State: ['ENABLED'] });
});

test.each([
  ['a condition that is not there', {}],
  ['a form that is not known', { HasOne: { 'Fn::Or': [empty, empty] } }],
  ['a reference', { HasOne: { Ref: 'Parameter' } }],
])('%s is refused', (_what, conditions) => {
  expect(() => stateOf(conditions, choice)).toThrow(UnresolvedReferenceError);
});

test.each([
  ['is left out where it is false', {}, []],
  ['stays where it is true', { HasOne: true }, ['Rule']],
])('a resource with a condition %s', (_what, known, left) => {
  const conditional = template({ HasOne: { 'Fn::Not': [empty] } }, 'ENABLED');
  const Rule = { ...conditional.Resources.Rule, Condition: 'HasOne' };
  expect(Object.keys(settleConditions({ ...conditional, Resources: { Rule } }, known).Resources)).toEqual(
    left,
  );
});

test('a template without choices stays as it is', () => {
  expect(settleConditions(template({}, 'ENABLED'), {})).toEqual(template({}, 'ENABLED'));
});
