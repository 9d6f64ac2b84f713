import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { printable } from '../clients/terminal/printable.ts';
import {
  configurationProblems,
  configurationWarnings,
  TUNABLE_VARIABLES,
  unknownVariables,
} from '../functions/wiring/check-configuration.ts';
import { durationProblems } from '../functions/wiring/check-together.ts';
import { parseEndpoint } from '../lib/volcengine/endpoint.ts';
import { LOCAL_VARIABLES } from './functions-runner/function-environment.ts';

/** How the SDK clients are set up, ours and the functions'. */
export type AwsAccess = {
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
};

/** What a user or a test decides about a local world. */
export type Settings = {
  /** 0: a free one. */
  port: number;
  dataDir: string;
  /** A directory whose serverless.yml is run beside the project's. */
  extraStackDir?: string;
  aws: AwsAccess;
  /** Services that run elsewhere, by their URL; the others are started. */
  external: { sqs?: string; dynamodb?: string; eventbridge?: string; ssm?: string; volcengine?: string };
  /** By how much the waits of AWS are shorter: the periods of alarms, Lambda's retries of events. */
  speed: number;
  /** Variables that take precedence over those of the template, in every function. */
  overrides: Record<string, string>;
};

/** The rest of the local world decides about them, not only the functions. */
const NOT_OVERRIDABLE = ['VOLCENGINE_ENDPOINT'];

/** What may be tuned without a change of serverless.yml. */
const OVERRIDABLE = TUNABLE_VARIABLES.filter((name) => !NOT_OVERRIDABLE.includes(name));

/**
 * A stop loses the jobs of the queue in memory, so locally the poller requeues them after seconds. With an external queue
 * the template's value applies, which is at least the visibility timeout.
 */
const LOCAL_REQUEUE_AFTER_MS = '10000';

/** Short, because the fake Volcengine has no replicas that lag behind. */
const LOCAL_REPLICA_LAG_MS = '5000';

/** Checked like VOLCENGINE_ENDPOINT, because the log and `/_local` show these URLs. */
const url = v.optional(
  v.pipe(
    v.string(),
    v.rawTransform(({ dataset, addIssue, NEVER }): string => {
      try {
        return parseEndpoint(dataset.value).origin;
      } catch (error) {
        addIssue({ message: error instanceof Error ? error.message : 'is wrong' });
        return NEVER;
      }
    }),
  ),
);

const portRule = 'must be a port: 0 to 65535';

const DATA_DIR = '.local';

const Environment = v.looseObject({
  PORT: v.optional(
    v.pipe(v.string(), v.digits(portRule), v.transform(Number), v.maxValue(65_535, portRule)),
    '3000',
  ),
  DATA_DIR: v.optional(v.string()),
  EXTRA_STACK: v.optional(v.string()),
  CONFIGURATION_FILE: v.optional(v.string()),
  LOCAL_SPEED: v.optional(
    v.pipe(v.string(), v.regex(/^[1-9]\d{0,3}$/, 'must be 1 to 9999'), v.transform(Number)),
    '1',
  ),
  AWS_REGION: v.optional(
    v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,32}$/, 'must be a region such as us-east-1')),
    'us-east-1',
  ),
  AWS_ACCESS_KEY_ID: v.optional(v.string()),
  AWS_SECRET_ACCESS_KEY: v.optional(v.string()),
  AWS_SESSION_TOKEN: v.optional(v.string()),
  AWS_ENDPOINT_URL_SQS: url,
  AWS_ENDPOINT_URL_DYNAMODB: url,
  AWS_ENDPOINT_URL_EVENTBRIDGE: url,
  AWS_ENDPOINT_URL_SSM: url,
  // Checked by the functions' rules.
  VOLCENGINE_ENDPOINT: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text.replace(/\/$/, '')),
    ),
  ),
});

export class InvalidSettingsError extends Error {
  override name = 'InvalidSettingsError';
}

/**
 * Reads the environment; an empty variable counts as not set.
 * @throws InvalidSettingsError naming everything that is wrong.
 */
export function readSettings(environment: Record<string, string | undefined>): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value));
  const parsed = v.safeParse(Environment, given);
  const problems = [
    ...(parsed.issues ?? []).map((issue) => `${v.getDotPath(issue)} ${issue.message}`),
    ...configurationProblems({ ...LOCAL_VARIABLES, ...given }),
    ...durationProblems(given),
    ...extraStackProblems(given),
  ];
  if (!parsed.success || problems.length > 0) throw new InvalidSettingsError(problems.join('\n'));
  const env = parsed.output;
  const external = {
    ...(env.AWS_ENDPOINT_URL_SQS && { sqs: env.AWS_ENDPOINT_URL_SQS }),
    ...(env.AWS_ENDPOINT_URL_DYNAMODB && { dynamodb: env.AWS_ENDPOINT_URL_DYNAMODB }),
    ...(env.AWS_ENDPOINT_URL_EVENTBRIDGE && { eventbridge: env.AWS_ENDPOINT_URL_EVENTBRIDGE }),
    ...(env.AWS_ENDPOINT_URL_SSM && { ssm: env.AWS_ENDPOINT_URL_SSM }),
    ...(env.VOLCENGINE_ENDPOINT && { volcengine: env.VOLCENGINE_ENDPOINT }),
  };
  const usesOwnAws = (['sqs', 'dynamodb', 'eventbridge', 'ssm'] as const).some((each) => each in external);
  return {
    port: env.PORT,
    dataDir: dataDirOf(environment),
    ...(env.EXTRA_STACK && { extraStackDir: resolve(env.EXTRA_STACK) }),
    aws: { region: env.AWS_REGION, credentials: credentialsOf(env, usesOwnAws) },
    external,
    speed: env.LOCAL_SPEED,
    overrides: {
      ...(!external.sqs && { REQUEUE_AFTER_MS: LOCAL_REQUEUE_AFTER_MS }),
      ...(!external.volcengine && { REPLICA_LAG_MS: LOCAL_REPLICA_LAG_MS }),
      ...(env.CONFIGURATION_FILE && { CONFIGURATION_SOURCE: `file:${resolve(env.CONFIGURATION_FILE)}` }),
      ...Object.fromEntries(OVERRIDABLE.flatMap((name) => (given[name] ? [[name, given[name]]] : []))),
    },
  };
}

/** Of an environment that may be wrong elsewhere. */
export function dataDirOf(environment: Record<string, string | undefined>): string {
  return resolve(environment.DATA_DIR || DATA_DIR);
}

function extraStackProblems({ EXTRA_STACK }: Record<string, string | undefined>): string[] {
  if (!EXTRA_STACK || existsSync(join(resolve(EXTRA_STACK), 'serverless.yml'))) return [];
  return [`EXTRA_STACK: there is no serverless.yml in ${printable(resolve(EXTRA_STACK))}.`];
}

/** What may be misspelt: variables that are not read here, regions that nobody knows. Asks for a right environment. */
export function settingsWarnings(environment: Record<string, string | undefined>): string[] {
  const given = Object.keys(environment).filter((name) => environment[name]);
  const known = [...OVERRIDABLE, ...Object.keys(Environment.entries)];
  return [...unknownVariables(given, known), ...configurationWarnings(environment)];
}

/** Conditions of the template that are decided by what is overridden, whatever the template says. */
export function conditionsOf({ overrides: { WEBHOOK_ENDPOINTS } }: Settings): Record<string, boolean> {
  return WEBHOOK_ENDPOINTS === undefined ? {} : { HasWebhookEndpoints: WEBHOOK_ENDPOINTS !== '{}' };
}

/** Only external services need real keys. The emulators accept any. */
function credentialsOf(
  env: v.InferOutput<typeof Environment>,
  usesOwnAws: boolean,
): AwsAccess['credentials'] {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
  if (!usesOwnAws || !AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    return { accessKeyId: 'local', secretAccessKey: 'local' };
  }
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
}
