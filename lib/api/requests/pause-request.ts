import * as v from 'valibot';
import { ConfigurationUnread, NotFound } from '../../activation/model/errors.ts';
import type { Accounts } from '../../config/accounts.ts';
import { jsonObject } from '../../http/json-object.ts';
import { unknownField } from '../schema-helpers.ts';

const WHY_LIMIT = 500;

const whyRule = `must be 1 to ${WHY_LIMIT} characters of well-formed Unicode`;

export const whySchema = v.pipe(
  v.string(whyRule),
  v.minLength(1, whyRule),
  v.maxLength(WHY_LIMIT, whyRule),
  v.check((text) => text.isWellFormed(), whyRule),
  v.description('Why, for people to read.'),
  v.examples(['OPS-42: Volcengine changes our quota']),
);

export const pauseRequestSchema = v.pipe(
  jsonObject('must be a JSON object'),
  v.strictObject({ why: v.optional(whySchema) }, unknownField),
);

/** Throws NotFound for an alias that is not configured, ConfigurationUnread if the stored ones are not known. */
export function configuredAccount(accounts: Accounts, alias = ''): string {
  if (!accounts.has(alias)) throw accounts.isIncomplete ? new ConfigurationUnread() : new NotFound('account');
  return alias;
}
