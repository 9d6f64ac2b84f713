import { isTrue, settleChoices } from '../local/template/conditions.ts';
import type { Template } from './compile-template.ts';

type Value = string | number | boolean;

/** The parameter of the template that a setting is. */
export function parameterNameOf(setting: string): string {
  return setting.charAt(0).toUpperCase() + setting.slice(1);
}

/**
 * Returns the template without parameters: each reference to one is replaced by the value that `settings` has, or by
 * its default (without either it stays), and each choice between values is made. A condition of whole resources stays,
 * with its choices: what it decides is there to see.
 */
export function fillParameters(
  template: Template,
  settings: Readonly<Record<string, string>> = {},
): Template {
  const given = new Map(Object.entries(settings).map(([name, value]) => [parameterNameOf(name), value]));
  const values = new Map(
    Object.entries(template.Parameters).flatMap(([name, { Type, Default, AllowedValues }]) => {
      const text = given.get(name) ?? Default;
      return text === undefined ? [] : [[name, typedValue(text, Type, AllowedValues)] as const];
    }),
  );
  const open = new Set(Object.values(template.Resources).map(({ Condition }) => Condition));
  const conditions = Object.entries(template.Conditions).map(([name, condition]) => {
    return [
      name,
      fill(condition, new Map([...values].map(([each, value]) => [each, String(value)]))),
    ] as const;
  });
  const closed = new Map(
    conditions.filter(([name]) => !open.has(name)).map(([name, condition]) => [name, isTrue(condition)]),
  );
  const settle = (node: unknown) =>
    fill(
      settleChoices(node, (name) => closed.get(name)),
      values,
    );
  const { Metadata: _, ...rest } = template;
  return {
    ...rest,
    Parameters: {},
    Conditions: Object.fromEntries(conditions.filter(([name]) => !closed.has(name))),
    Resources: settle(template.Resources) as Template['Resources'],
    Outputs: settle(template.Outputs) as Template['Outputs'],
  };
}

function typedValue(text: string, type: string, allowed: unknown): Value {
  if (type === 'Number') return Number(text);
  return Array.isArray(allowed) && allowed.includes('true') ? text === 'true' : text;
}

function fill(node: unknown, values: ReadonlyMap<string, Value>): unknown {
  if (Array.isArray(node)) return node.map((item) => fill(item, values));
  if (typeof node !== 'object' || node === null) return node;
  if ('Ref' in node && typeof node.Ref === 'string') return values.get(node.Ref) ?? node;
  if ('Fn::Sub' in node) return fillText(node['Fn::Sub'], values);
  return Object.fromEntries(
    Object.entries(node).map(([key, item]) => {
      const filled = fill(item, values);
      // A variable of a function is text, whatever the parameter is.
      return [key, key === 'Variables' && isObject(filled) ? textsOf(filled) : filled];
    }),
  );
}

/** `Fn::Sub` of what is left after the parameters, and the text alone if nothing is. */
function fillText(operand: unknown, values: ReadonlyMap<string, Value>): unknown {
  const [text, own] = Array.isArray(operand) ? operand : [operand];
  let isFilled = false;
  const filled = String(text).replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => {
    const value = values.get(name);
    if (value === undefined) return whole;
    isFilled = true;
    return String(value).replaceAll('${', '${!');
  });
  if (own !== undefined) return { 'Fn::Sub': [filled, fill(own, values)] };
  return isFilled && !filled.includes('${') ? filled : { 'Fn::Sub': filled };
}

function textsOf(variables: object): object {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, isObject(value) ? value : String(value)]),
  );
}

function isObject(node: unknown): node is object {
  return typeof node === 'object' && node !== null;
}
