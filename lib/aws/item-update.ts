import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';

/** An item, or a part of one, as plain values. */
export type Item = Record<string, unknown>;

const OPTIONS = { removeUndefinedValues: true };

export function toAttributes(item: Item) {
  return marshall(item, OPTIONS);
}

/** Rounds a number that a double cannot hold. Otherwise the SDK would throw for the whole item, and for its page. */
export function fromAttributes(item: Record<string, AttributeValue>): Item {
  return unmarshall(item, { wrapNumbers: Number });
}

/**
 * Returns the update that turns one item into another. It sets attributes that differ, removes attributes that are gone,
 * and keeps all others, also those that a newer version of the code has added. It adds 1 to `version`. It does not
 * change the attributes in `except`. The update needs every attribute in `conditionValues` to have that value.
 */
export function updateOf(previous: Item, next: Item, except: ReadonlySet<string>, conditionValues: Item) {
  const names: Record<string, string> = { '#version': 'version' };
  const values: Record<string, unknown> = { ':one': 1 };
  const sets = ['#version = #version + :one'];
  const removes: string[] = [];
  for (const attribute of new Set([...Object.keys(previous), ...Object.keys(next)])) {
    if (attribute === 'version' || except.has(attribute)) continue;
    if (isEqual(previous[attribute], next[attribute])) continue;
    names[`#${attribute}`] = attribute;
    if (next[attribute] === undefined) {
      removes.push(`#${attribute}`);
    } else {
      values[`:${attribute}`] = next[attribute];
      sets.push(`#${attribute} = :${attribute}`);
    }
  }
  const conditions = Object.keys(conditionValues).map((attribute) => {
    names[`#${attribute}`] = attribute;
    values[`:if_${attribute}`] = conditionValues[attribute];
    return `#${attribute} = :if_${attribute}`;
  });
  return {
    UpdateExpression: `SET ${sets.join(', ')}${removes.length > 0 ? ` REMOVE ${removes.join(', ')}` : ''}`,
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: toAttributes(values),
  };
}

function isEqual(previous: unknown, next: unknown): boolean {
  return previous === next || JSON.stringify(previous) === JSON.stringify(next);
}
