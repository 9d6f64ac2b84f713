import type { components } from '../../../contracts/openapi.d.ts';
import { choice, list, type Option, word } from '../../terminal/program.ts';
import { UsageError } from '../failures.ts';

type Selector = components['schemas']['Selector'];

const group = 'Which flow logs';
const grouped = <Value>(option: Option<Value>): Option<Value> => ({ ...option, group });

/** What selects flow logs of one account and region; all that are given must fit. */
export const SELECTOR_OPTIONS = {
  name: grouped(word('whole name; * is any text, ? one character', 'pattern')),
  tag: grouped(list({ help: 'key=value, or a key alone for any value; may be repeated', value: 'tag' })),
  vpc: grouped(word('of a VPC', 'id')),
  resource: grouped(word('of a VPC, subnet or network interface', 'id')),
  type: grouped(
    choice({ help: 'of such a resource', value: 'vpc|subnet|eni', words: ['vpc', 'subnet', 'eni'] }),
  ),
  project: grouped(word('of a project of Volcengine', 'name')),
  region: grouped(word("Volcengine's region (default: that of the service)", 'name')),
  account: grouped(word('the alias of a Volcengine account (default: default)', 'alias')),
};

type Values = { [Name in keyof typeof SELECTOR_OPTIONS]: (typeof SELECTOR_OPTIONS)[Name]['fallback'] };

/** Returns the selector, or undefined if no option selects. Throws UsageError for a bad tag. */
export function selectorOf(values: Values): Selector | undefined {
  const { name, tag, vpc, resource, type, project, region, account } = values;
  const selector: Selector = {
    name,
    vpcId: vpc,
    resourceId: resource,
    resourceType: type,
    project,
    region,
    account,
    ...(tag.length > 0 && { tags: tagsOf(tag) }),
  };
  return Object.values(selector).some((value) => value !== undefined) ? selector : undefined;
}

function tagsOf(given: string[]): NonNullable<Selector['tags']> {
  const tags: NonNullable<Selector['tags']> = {};
  for (const each of given) {
    const [key = '', ...rest] = each.split('=');
    if (key === '') throw new UsageError('--tag must be key=value, or a key.');
    const before = tags[key];
    if (rest.length === 0) tags[key] = true;
    else tags[key] = [...(Array.isArray(before) ? before : []), rest.join('=')];
  }
  return tags;
}
