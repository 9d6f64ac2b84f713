import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { principal } from '../../activation/model/principal.ts';
import { problem } from '../problems/catalogue.ts';

/** `scope`: the owner of the idempotency keys. `principal`: the name of the caller that is stored. */
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
 * Returns the caller of a route with IAM authorization. All sessions of one role are one caller, so that a retry from
 * another session counts as a repetition. Each identity of a Cognito pool, each federated user and root is a caller of
 * its own.
 * Throws the 403 Problem if API Gateway did not send the whole identity: such a request did not pass the authorizer.
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
