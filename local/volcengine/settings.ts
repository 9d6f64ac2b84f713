import * as v from 'valibot';
import { AccountCredentialSchema } from './credentials.ts';
import { EmptyListSchema, RefusedIdsSchema } from './describe-settings.ts';
import type { FakeCloud } from './fake-cloud.ts';
import { DurationMsSchema } from './flow-log.ts';
import { IdPatternSchema } from './id-pattern.ts';
import { RoleSchema } from './roles.ts';
import { ThrottleSchema } from './throttle.ts';
import { InvalidInput } from './validation.ts';

const AutoCreateSchema = v.strictObject({
  pattern: IdPatternSchema,
  pendingMs: v.optional(DurationMsSchema, 3000),
});

/** An absent field stays as it is. Null switches off. */
export const SettingsSchema = v.strictObject({
  throttle: v.optional(v.nullable(ThrottleSchema)),
  autoCreate: v.optional(v.nullable(AutoCreateSchema)),
  clockSkewMs: v.optional(v.pipe(v.number(), v.safeInteger())),
  /** How DescribeFlowLogs shows an empty list of flow logs, or of the tags of one. */
  emptyList: v.optional(v.nullable(EmptyListSchema)),
  /** DescribeFlowLogs refuses the whole call for one id like these. */
  refusedIds: v.optional(v.nullable(RefusedIdsSchema)),
  /** `true`: all tokens. A list: these. */
  forgetTokens: v.optional(v.union([v.literal(true), v.array(v.string())])),
  /** From now on, every account that is named has only the credentials that are listed for it. */
  credentials: v.optional(v.pipe(v.array(AccountCredentialSchema), v.minLength(1))),
  /** Only these roles exist. Sessions from before stay valid. */
  roles: v.optional(v.nullable(v.array(RoleSchema))),
});

export type SettingsInput = v.InferInput<typeof SettingsSchema>;
export type Settings = v.InferOutput<typeof SettingsSchema>;

/** Changes everything, or throws InvalidInput and changes nothing. */
export function applySettings(cloud: FakeCloud, settings: Settings): void {
  const { throttle, autoCreate, clockSkewMs, forgetTokens, credentials, roles, emptyList, refusedIds } =
    settings;
  if (credentials !== undefined) {
    for (const [index, { account }] of credentials.entries()) {
      requireAccount(cloud, account, `settings.credentials.${index}.account`);
    }
    cloud.credentials.rotate(credentials);
  }
  if (roles !== undefined) cloud.roles.configure(roles ?? undefined);
  if (throttle !== undefined) cloud.throttle.configure(throttle ?? undefined);
  if (autoCreate !== undefined) cloud.state.flowLogs.autoCreate = autoCreate ?? undefined;
  if (clockSkewMs !== undefined) cloud.clockSkewMs = clockSkewMs;
  if (emptyList !== undefined) cloud.describe.emptyList = emptyList ?? undefined;
  if (refusedIds !== undefined) cloud.describe.refusedIds = refusedIds ?? undefined;
  if (forgetTokens !== undefined) cloud.state.tokens.forget(forgetTokens === true ? undefined : forgetTokens);
}

/** Access keys are shown, secrets and external ids are not. */
export function showSettings(cloud: FakeCloud): Record<string, unknown> {
  return {
    throttle: cloud.throttle.setting ?? null,
    autoCreate: cloud.state.flowLogs.autoCreate ?? null,
    clockSkewMs: cloud.clockSkewMs,
    emptyList: cloud.describe.emptyList ?? null,
    refusedIds: cloud.describe.refusedIds ?? null,
    credentials: cloud.credentials.list().map(({ account, accountId, accessKey, sessionToken }) => ({
      account,
      accountId,
      accessKey,
      temporary: sessionToken !== undefined,
    })),
    roles:
      cloud.roles
        .list()
        ?.map(({ externalId, ...role }) => ({ ...role, wantsExternalId: externalId !== undefined })) ?? null,
  };
}

/** Throws InvalidInput. */
export function requireAccount(cloud: FakeCloud, account: string, field: string): string {
  const known = [...new Set([...cloud.credentials.accounts, ...cloud.roles.accounts])];
  if (!known.includes(account)) {
    throw new InvalidInput(`${field}: the account ${account} is none of ${known.join(', ')}`);
  }
  return account;
}
