import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { UnresolvedReferenceError } from './intrinsics.ts';
import type { Template } from './template.ts';

const Conditional = v.strictObject({ 'Fn::If': v.tuple([v.string(), v.unknown(), v.unknown()]) });
const Equals = v.strictObject({ 'Fn::Equals': v.tuple([v.unknown(), v.unknown()]) });
const Not = v.strictObject({ 'Fn::Not': v.tuple([v.unknown()]) });

/**
 * Replaces every Fn::If with the branch whose condition is true, and leaves out resources whose condition is false.
 * `known` overrides conditions of the template.
 * @throws UnresolvedReferenceError for an unknown condition, and for one other than Fn::Not and Fn::Equals of literals.
 */
export function settleConditions(template: Template, known: Readonly<Record<string, boolean>>): Template {
  const conditions = template.Conditions ?? {};
  const holds = (name: string): boolean => {
    if (!Object.hasOwn(conditions, name))
      throw new UnresolvedReferenceError(`${name}: no such condition in the template`);
    return known[name] ?? isTrue(conditions[name]);
  };
  const resources = Object.entries(template.Resources).flatMap(([logicalId, { Properties, ...rest }]) => {
    if (rest.Condition !== undefined && !holds(String(rest.Condition))) return [];
    const properties = Object.entries(Properties).map(([name, value]) => [name, settleChoices(value, holds)]);
    return [[logicalId, { ...rest, Properties: Object.fromEntries(properties) }]];
  });
  return { ...template, Resources: Object.fromEntries(resources) };
}

/** Replaces every Fn::If with the branch whose condition is true. One whose condition is undefined stays. */
export function settleChoices(value: unknown, holds: (condition: string) => boolean | undefined): unknown {
  const settle = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(settle);
    if (typeof node !== 'object' || node === null) return node;
    const choice = v.is(Conditional, node) ? node['Fn::If'] : undefined;
    const isChosen = choice && holds(choice[0]);
    if (choice && isChosen !== undefined) return settle(isChosen ? choice[1] : choice[2]);
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, settle(item)]));
  };
  return settle(value);
}

/** @throws UnresolvedReferenceError for a condition other than Fn::Not and Fn::Equals of literals. */
export function isTrue(condition: unknown): boolean {
  if (v.is(Not, condition)) return !isTrue(condition['Fn::Not'][0]);
  if (v.is(Equals, condition)) return isDeepStrictEqual(...condition['Fn::Equals']);
  throw new UnresolvedReferenceError(
    `a condition of a form that the local world does not know: ${JSON.stringify(condition)}`,
  );
}
