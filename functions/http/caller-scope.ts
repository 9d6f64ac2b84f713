import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';

const iamSchema = v.object({
  requestContext: v.object({
    authorizer: v.object({ iam: v.object({ accountId: v.string(), callerId: v.string() }) }),
  }),
});

/**
 * Whose idempotency keys these are: the IAM principal, without the session of an assumed role
 * (`AROA…:session`), so that a retry from another session is the same caller. Where no one is asked who they
 * are, all are one caller.
 */
export function callerScopeOf(event: APIGatewayProxyEventV2): string {
  const parsed = v.safeParse(iamSchema, event);
  if (!parsed.success) return 'api';
  const { accountId, callerId } = parsed.output.requestContext.authorizer.iam;
  const [principal] = callerId.split(':');
  return `iam:${accountId}:${principal}`;
}
