import { EVENT_SCHEMAS } from '../../events/event-schemas.ts';
import { accountSettings, DEFAULT_ACCOUNT } from '../../lib/config/accounts.ts';
import { shownName } from '../../lib/config/options-by-name.ts';
import { type Environment, readSettings, type Setting } from '../../lib/config/settings.ts';
import { wants } from '../../lib/webhooks/outbound/endpoint.ts';
import { urlProblems, webhookEndpointSettings } from './webhook-endpoints.ts';
import { webhookSettings } from './webhook-sources.ts';
import { policySettings, regionSettings } from './workflow.ts';

/**
 * Problems between entries that are valid on their own: a URL that the egress rule forbids, a type that no event has, a
 * source whose every request would be refused. Names places, never values.
 */
export function problemsTogether(environment: Environment): string[] {
  return [...endpointProblems(environment), ...sourceProblems(environment)];
}

const { activationDeadlineMs, pendingDeadlineMs, replicaLagMs, retryBaseMs, retryCapMs } = policySettings;

/** Each first duration must not be above the durations after it. */
const ORDERED = [
  [pendingDeadlineMs, [activationDeadlineMs]],
  [replicaLagMs, [activationDeadlineMs, pendingDeadlineMs]],
  [retryBaseMs, [retryCapMs]],
] as const;

/**
 * Problems of durations that a person has set: a value above all the durations that it must not exceed (set or default).
 * Pass only the variables that this person has set, not the defaults of a template.
 */
export function durationProblems(environment: Environment): string[] {
  return ORDERED.flatMap(([setting, limits]) => {
    const value = environment[setting.name] ? validValueOf(setting, environment) : undefined;
    const limitValues = limits.map((each) => validValueOf(each, environment) ?? Number.POSITIVE_INFINITY);
    if (value === undefined || value <= Math.max(...limitValues)) return [];
    return [`${setting.name} must not be above ${limits.map(({ name }) => name).join(' and ')}`];
  });
}

function endpointProblems(environment: Environment): string[] {
  const { endpoints: setting, egress } = webhookEndpointSettings;
  const valid = setting.readValid(environment[setting.name] || undefined);
  if (valid === undefined) return [];
  const { built: endpoints, names } = valid;
  const types = [...endpoints].flatMap(([name, options]) =>
    (options.types ?? []).flatMap((type, index) =>
      Object.keys(EVENT_SCHEMAS).some((each) => wants({ types: [type] }, each))
        ? []
        : [`${setting.name} is wrong: ${shownName(name, names)}.types.${index} is the type of no event`],
    ),
  );
  const urls = validValueOf(egress, environment);
  return [...(urls === undefined ? [] : urlProblems({ endpoints, egress: urls }, names)), ...types];
}

function sourceProblems(environment: Environment): string[] {
  const { sources: setting } = webhookSettings;
  const valid = setting.readValid(environment[setting.name] || undefined);
  if (valid === undefined) return [];
  // The other accounts may be stored elsewhere: then nobody knows here which there are.
  const aliases = environment.CONFIGURATION_SOURCE
    ? undefined
    : accountSettings.accounts.readValid(environment.VOLCENGINE_ACCOUNTS || undefined)?.names;
  // Without this variable, another environment can set another default region.
  const region = environment.VOLCENGINE_REGION ? validValueOf(regionSettings.region, environment) : undefined;
  return [...valid.built].flatMap(([name, { accounts = [], regions = [], select }]) => {
    const problems = accounts.flatMap((alias, index) =>
      aliases === undefined || alias === DEFAULT_ACCOUNT || aliases.has(alias)
        ? []
        : [`accounts.${index} must be the alias of an account that is configured`],
    );
    if (accounts.length > 0 && !accounts.includes(DEFAULT_ACCOUNT) && !select.account) {
      problems.push('accounts must have default among them, or select.account must say which is meant');
    }
    if (region !== undefined && regions.length > 0 && !regions.includes(region) && !select.region) {
      problems.push(
        'regions must have VOLCENGINE_REGION among them, or select.region must say which is meant',
      );
    }
    return problems.map((each) => `${setting.name} is wrong: ${shownName(name, valid.names)}.${each}`);
  });
}

/** The value, or undefined if it is invalid. Another check reports invalid values. */
function validValueOf<Value>(setting: Setting<Value>, environment: Environment): Value | undefined {
  try {
    return readSettings({ setting }, environment).setting;
  } catch {
    return undefined;
  }
}
