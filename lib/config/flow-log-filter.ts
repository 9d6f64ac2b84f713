import * as v from 'valibot';
import { RESOURCE_TYPES, type Selector } from '../activation/batches/selector.ts';
import { LOST_KEYS, objectWithFreeKeys } from '../http/json-object.ts';

/** Our own limit. Volcengine does not document how many tags one DescribeFlowLogs call accepts. */
const TAGS_LIMIT = 10;
const TAG_VALUES_LIMIT = 10;

const text = (shortest: number, longest: number) => {
  const rule = `must be a string of ${shortest} to ${longest} characters`;
  return v.pipe(
    v.string(rule),
    v.minLength(shortest, rule),
    // JSON Schema counts code points.
    v.check((value) => [...value].length <= longest, rule),
    v.check((value) => value.isWellFormed(), 'must be well-formed Unicode'),
    v.metadata({ maxLength: longest, description: 'Well-formed Unicode.' }),
  );
};

const idRule = 'must be 1 to 64 letters, digits, hyphens or underscores';
const resourceIdSchema = v.pipe(v.string(idRule), v.regex(/^[A-Za-z0-9_-]{1,64}$/, idRule));

const tagValue = text(0, 256);
const tagRule = `must be a value, a list of 1 to ${TAG_VALUES_LIMIT} values, or true for any value`;
const tagsSchema = v.pipe(
  objectWithFreeKeys('must be an object of tag keys'),
  v.check((tags) => Object.keys(tags).length <= TAGS_LIMIT, `must have at most ${TAGS_LIMIT} keys`),
  v.record(
    text(1, 128),
    v.union(
      [
        v.literal(true),
        tagValue,
        v.pipe(v.array(tagValue), v.minLength(1, tagRule), v.maxLength(TAG_VALUES_LIMIT, tagRule)),
      ],
      tagRule,
    ),
  ),
  v.metadata({
    description:
      'A flow log matches if it has every key with the value, or with one of the values; `true` means any value. All ' +
      'tags together must fit into one query: about 7,000 bytes, percent-encoded.',
    maxProperties: TAGS_LIMIT,
    propertyNames: { type: 'string', minLength: 1, maxLength: 128, not: { enum: LOST_KEYS } },
    examples: [{ env: ['prod', 'staging'], owner: true }],
  }),
);

/** The conditions on a flow log, of a selector or a policy. */
export const filterFields = {
  project: v.optional(v.pipe(text(1, 128), v.description('The name of a Volcengine project.'))),
  vpcId: v.optional(resourceIdSchema),
  resourceType: v.optional(v.picklist(RESOURCE_TYPES, `must be one of ${RESOURCE_TYPES.join(', ')}`)),
  resourceId: v.optional(resourceIdSchema),
  name: v.optional(
    v.pipe(
      text(1, 128),
      v.description(
        'A pattern for the whole name: `*` matches any characters or none, `?` exactly one character.',
      ),
      v.examples(['prod-*']),
    ),
  ),
  tags: v.optional(tagsSchema),
};

type GivenFilter = { tags?: Record<string, true | string | string[]> | undefined };

/** The same conditions with each tag's values as a list. */
export function filterOf<Filter extends GivenFilter>({ tags, ...rest }: Filter) {
  if (tags === undefined) return rest;
  const values = Object.entries(tags).map(([key, value]) => [key, valuesOf(value)]);
  return { ...rest, tags: Object.fromEntries(values) as NonNullable<Selector['tags']> };
}

function valuesOf(value: true | string | string[]): true | string[] {
  return value === true || [...new Set([value].flat())];
}
