import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Item = Readonly<Record<string, AttributeValue>>;

/** What a command says beside its keys. */
export type Expressions = {
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
};

const CLAUSE = /^(#?\w+) (=|<=|<|>=) (:\w+)$/;
const BETWEEN = /(#?\w+) BETWEEN (:\w+) AND (:\w+)/g;
const ABSENT = /^attribute_not_exists\((#?\w+)\)$/;
const COMPARATORS: Record<string, (order: number) => boolean> = {
  '=': (order) => order === 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>=': (order) => order >= 0,
};
const INCREMENT = /^#version = #version \+ :one$/;
const ASSIGNMENT = /^(#\w+) = (:\w+)$/;

type Condition = (item: Item | undefined) => boolean;

/** The few forms of condition that the adapters write, in DynamoDB's meaning; any other form is an error. */
export function conditionOf(condition: string | undefined, given: Expressions): Condition {
  if (condition === undefined) return () => true;
  const alternatives = condition
    .replace(BETWEEN, '$1 >= $2 AND $1 <= $3')
    .split(' OR ')
    .map((clauses) => clauses.split(' AND ').map((clause) => clauseOf(clause, given)));
  return (item) => alternatives.some((clauses) => clauses.every((holds) => holds(item)));
}

function clauseOf(clause: string, given: Expressions): Condition {
  const [, absent] = ABSENT.exec(clause) ?? [];
  if (absent !== undefined) {
    const name = attributeName(absent, given);
    return (item) => item?.[name] === undefined;
  }
  const [, attribute = '', comparator = '', operand = ''] = CLAUSE.exec(clause) ?? [];
  const isRight = COMPARATORS[comparator];
  if (isRight === undefined) throw new Error(`a condition of unknown form: ${clause}`);
  const name = attributeName(attribute, given);
  const value = givenValue(operand, given);
  return (item) => {
    const actual = item?.[name];
    return actual !== undefined && isRight(compare(actual, value));
  };
}

/** SET and REMOVE, as the adapters write them. */
export function updated(item: Item, expression: string, names: Expressions): Item {
  const [sets = '', removes] = expression.slice('SET '.length).split(' REMOVE ');
  const next: Record<string, AttributeValue> = { ...item };
  for (const set of sets.split(', ')) {
    const [, attribute = '', value = ''] = ASSIGNMENT.exec(set) ?? [];
    if (INCREMENT.test(set)) next.version = { N: String(Number(item.version?.N ?? 0) + 1) };
    else if (attribute) next[attributeName(attribute, names)] = givenValue(value, names);
    else throw new Error(`an assignment of unknown form: ${set}`);
  }
  for (const attribute of removes?.split(', ') ?? []) delete next[attributeName(attribute, names)];
  return next;
}

/** Numbers by value, all else as text. */
export function compare(a: AttributeValue, b: AttributeValue): number {
  if (a.N !== undefined && b.N !== undefined) return Number(a.N) - Number(b.N);
  const [left, right] = [textOf(a), textOf(b)];
  return left === right ? 0 : left < right ? -1 : 1;
}

function textOf(value: AttributeValue): string {
  return value.S ?? JSON.stringify(value);
}

function attributeName(attribute: string, { ExpressionAttributeNames = {} }: Expressions): string {
  return attribute.startsWith('#') ? (ExpressionAttributeNames[attribute] ?? attribute) : attribute;
}

function givenValue(value: string, { ExpressionAttributeValues = {} }: Expressions): AttributeValue {
  const found = ExpressionAttributeValues[value];
  if (found === undefined) throw new Error(`the expression names a value that is not given: ${value}`);
  return found;
}
