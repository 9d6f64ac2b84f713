import * as v from 'valibot';
import { functionNameOf } from './functions.ts';
import { resolveIntrinsics, type Scope } from './intrinsics.ts';
import { resourcesOfType, type Template } from './template.ts';

/** A route of the HTTP API and the function behind it. */
export type RouteDefinition = {
  routeKey: string;
  functionName: string;
  integrationTimeoutMs: number;
  /** Whether callers must sign, as IAM principals. */
  iam: boolean;
};

const Route = v.looseObject({
  RouteKey: v.string(),
  Target: v.string(),
  AuthorizationType: v.optional(v.picklist(['NONE', 'AWS_IAM']), 'NONE'),
});

const Integration = v.looseObject({
  IntegrationType: v.literal('AWS_PROXY'),
  IntegrationUri: v.string(),
  PayloadFormatVersion: v.literal('2.0'),
  TimeoutInMillis: v.optional(v.number(), 30_000),
});

/** Throws for an authorizer other than IAM's, and for an integration other than a Lambda proxy with payload format 2.0. */
export function routeDefinitions(template: Template, scope: Scope): RouteDefinition[] {
  const integrations = new Map(
    resourcesOfType(template, 'AWS::ApiGatewayV2::Integration').map(([logicalId, { Properties }]) => [
      scope.resources.get(logicalId)?.ref,
      v.parse(Integration, resolveIntrinsics(Properties, scope)),
    ]),
  );
  return resourcesOfType(template, 'AWS::ApiGatewayV2::Route').map(([logicalId, { Properties }]) => {
    const { RouteKey, Target, AuthorizationType } = v.parse(Route, resolveIntrinsics(Properties, scope));
    const integration = integrations.get(Target.replace(/^integrations\//, ''));
    if (!integration) throw new Error(`${logicalId}: its integration is not in the template`);
    return {
      routeKey: RouteKey,
      functionName: functionNameOf(integration.IntegrationUri),
      integrationTimeoutMs: integration.TimeoutInMillis,
      iam: AuthorizationType === 'AWS_IAM',
    };
  });
}
