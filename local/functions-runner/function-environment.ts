import { join } from 'node:path';
import type { Settings } from '../settings.ts';
import type { CloudReady } from '../supervisor/messages.ts';
import type { FunctionDefinition } from '../template/functions.ts';

/** Variables that differ from the deployed ones, unless the user sets them. */
export const LOCAL_VARIABLES = {
  // Receivers on this machine have a loopback address and speak plain HTTP.
  WEBHOOK_EGRESS: 'unrestricted',
};

/**
 * The whole environment of a function: Lambda's variables and those of the template, overridden by the endpoints of the
 * local services and by the user's variables.
 */
export function functionEnvironment(
  definition: FunctionDefinition,
  { settings, cloud }: { settings: Settings; cloud: CloudReady },
): Record<string, string> {
  // The template's accounts name secrets or are parameters, and there is no Secrets Manager and no Parameter Store here.
  const { VOLCENGINE_ACCOUNTS: _, CONFIGURATION_SOURCE: __, ...template } = definition.environment;
  return {
    ...lambdaVariables(definition, settings),
    ...template,
    AWS_ENDPOINT_URL_SQS: cloud.endpoints.sqs,
    AWS_ENDPOINT_URL_DYNAMODB: cloud.endpoints.dynamodb,
    AWS_ENDPOINT_URL_EVENTBRIDGE: cloud.endpoints.eventbridge,
    AWS_ENDPOINT_URL_STS: cloud.endpoints.sts,
    ...(settings.external.ssm && { AWS_ENDPOINT_URL_SSM: settings.external.ssm }),
    VOLCENGINE_ENDPOINT: cloud.endpoints.volcengine,
    ...LOCAL_VARIABLES,
    ...(cloud.volcengineKeys && {
      VOLCENGINE_ACCESS_KEY: cloud.volcengineKeys.accessKey,
      VOLCENGINE_SECRET_KEY: cloud.volcengineKeys.secretKey,
    }),
    ...settings.overrides,
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, as far as it makes sense in a thread. */
function lambdaVariables(
  { functionName, handler, memoryMb }: FunctionDefinition,
  { aws, dataDir }: Settings,
): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = aws.credentials;
  const nowhere = join(dataDir, 'no-such-file');
  return {
    AWS_REGION: aws.region,
    AWS_DEFAULT_REGION: aws.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }),
    // The developer's own AWS profiles must not have an effect.
    AWS_CONFIG_FILE: nowhere,
    AWS_SHARED_CREDENTIALS_FILE: nowhere,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
    _HANDLER: handler,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
  };
}
