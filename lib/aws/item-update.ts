import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';

const OPTIONS = { removeUndefinedValues: true };

export function toAttributes(item: Record<string, unknown>) {
  return marshall(item, OPTIONS);
}

/** A number beyond what a double holds is rounded: without it the SDK throws for the whole item, and its page. */
export function fromAttributes(item: Record<string, AttributeValue>): Record<string, unknown> {
  return unmarshall(item, { wrapNumbers: Number });
}

/**
 * The update that turns one item into another: SET for what differs, REMOVE for what is gone, and nothing for
 * the rest, so that attributes which a newer version of the code has added stay. `version` is always one more.
 * `except` names attributes that are left alone.
 */
export function updateOf(
  previous: Record<string, unknown>,
  next: Record<string, unknown>,
  except: ReadonlySet<string>,
  conditionValues: Record<string, unknown>,
) {
  const names: Record<string, string> = { '#version': 'version' };
  const values: Record<string, unknown> = { ':one': 1 };
  const sets = ['#version = #version + :one'];
  const removes: string[] = [];
  for (const attribute of new Set([...Object.keys(previous), ...Object.keys(next)])) {
    if (attribute === 'version' || except.has(attribute)) continue;
    if (JSON.stringify(previous[attribute]) === JSON.stringify(next[attribute])) continue;
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
