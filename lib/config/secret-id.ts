import * as v from 'valibot';

const rule = 'must be the name or the ARN of a secret: letters, digits and any of /_+=.@:-';

/** Names as Secrets Manager allows them (CreateSecret), and ARNs. */
export const secretIdSchema = v.pipe(v.string(rule), v.regex(/^[\w/+=.@:-]{1,1000}$/, rule));
