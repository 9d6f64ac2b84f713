import * as v from 'valibot';
import { ACCOUNT_ALIAS, BATCH_ID, FLOW_LOG_ID, REGION } from '../activation/model/ids.ts';
import { PRINCIPAL_LIMIT } from '../activation/model/principal.ts';
import { accountSchema, flowLogIdSchema, regionSchema } from './requests/activation-request.ts';

export const batchIdSchema = v.pipe(
  v.string('must be a batch id'),
  v.regex(BATCH_ID, 'must be a batch id'),
  v.description('A batch: what one request asked for.'),
  v.examples(['b-0123456789abcdef0123456789abcdef']),
);

/** The parts of an id, as activationIdOf puts them together. */
const parts = [ACCOUNT_ALIAS, REGION, FLOW_LOG_ID, BATCH_ID].map(({ source }) => source.slice(1, -1));

export const activationIdSchema = v.pipe(
  v.string(),
  v.regex(new RegExp(`^${parts.join('\\.')}$`)),
  v.description(
    'An activation: account alias, region, flow log and the batch that opened it, joined by dots.',
  ),
  v.examples(['default.cn-beijing.fl-2d6m9xk4q8zy85oxruvg1.b-0123456789abcdef0123456789abcdef']),
);

export const timeSchema = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.description('ISO 8601, in UTC, to the millisecond.'),
);

export const generationSchema = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(1),
  v.description('1, and one more with every redrive.'),
);

/** Of the answers that may leave something out. */
export const unreadableSchema = v.optional(
  v.pipe(
    v.array(v.object({ account: accountSchema, region: regionSchema, flowLogId: flowLogIdSchema })),
    v.minLength(1),
    v.description(
      'Flow logs whose record this version of the service cannot read, because another one wrote it. They are left ' +
        'out of the rest, and left as they are.',
    ),
  ),
);

export const countSchema = v.pipe(v.number(), v.integer(), v.minValue(0));

export const principalSchema = v.pipe(v.string(), v.maxLength(PRINCIPAL_LIMIT));

export const requestedBySchema = v.pipe(
  principalSchema,
  v.description(
    'Who asked for it first: the ARN of an IAM principal, `webhook:<source>` or `schedule:<name>`. Of one that is ' +
      `longer than ${PRINCIPAL_LIMIT} characters the middle is left out. Absent when a version up to 0.3 took the request.`,
  ),
  v.examples(['arn:aws:sts::123456789012:assumed-role/pipeline/deploy']),
);
