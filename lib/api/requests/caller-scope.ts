import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { principal } from '../../activation/model/principal.ts';
import { problem } from '../problems/catalogue.ts';

/** `scope`: whose idempotency keys these are. `principal`: who asks, as it is kept. */
export type Caller = { scope: string; principal: string };

const text = v.pipe(v.string(), v.minLength(1));

const iamSchema = v.object({
  requestContext: v.object({
    authorizer: v.object({
      iam: v.object({
        accountId: text,
        callerId: text,
        userArn: text,
        cognitoIdentity: v.optional(v.nullable(v.object({ identityId: v.nullish(text) }))),
      }),
    }),
  }),
});

/** The unique id of a role, then the name of a session (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html). */
const ROLE_SESSION = /^(AROA[A-Z0-9]+):/;

/**
 * Who calls a route with IAM authorisation. The sessions of one role are one caller, so that a retry from another
 * session is the same; but each identity of a Cognito pool is one of its own, and so is each federated user, and root.
 * Throws the 403 Problem when API Gateway did not say all of it: no such request came through the route's authorizer.
 */
export function callerOf(event: APIGatewayProxyEventV2): Caller {
  const parsed = v.safeParse(iamSchema, event);
  if (!parsed.success) {
    throw problem('caller-unknown', { detail: 'the request came without the IAM identity of its caller' });
  }
  const { accountId, callerId, userArn, cognitoIdentity } = parsed.output.requestContext.authorizer.iam;
  const owner = ROLE_SESSION.exec(callerId)?.[1] ?? callerId;
  const identity = cognitoIdentity?.identityId;
  const scope = ['iam', accountId, owner, ...(identity ? [identity] : [])].join(':');
  return { scope, principal: principal(userArn) };
}
