import { EVENT_SCHEMAS } from '../../events/event-schemas.ts';
import { accountSettings, DEFAULT_ACCOUNT } from '../../lib/config/accounts.ts';
import { shownName } from '../../lib/config/options-by-name.ts';
import { readSettings } from '../../lib/config/settings.ts';
import { wants } from '../../lib/webhooks/outbound/endpoint.ts';
import { urlProblems, webhookEndpointSettings } from './webhook-endpoints.ts';
import { webhookSettings } from './webhook-sources.ts';
import { policySettings, regionSettings } from './workflow.ts';

type Environment = Record<string, string | undefined>;

/**
 * What is right by itself and can never work beside the rest, of all entries that are right by themselves: a URL where
 * nothing may be sent, a type of no event, a source whose every request would be refused. Never by value.
 */
export function problemsTogether(environment: Environment): string[] {
  return [...endpointProblems(environment), ...sourceProblems(environment)];
}

const { activationDeadlineMs, pendingDeadlineMs, replicaLagMs, retryBaseMs, retryCapMs } = policySettings;

/** What must not be above what. */
const ORDERED = [
  [pendingDeadlineMs, [activationDeadlineMs]],
  [replicaLagMs, [activationDeadlineMs, pendingDeadlineMs]],
  [retryBaseMs, [retryCapMs]],
] as const;

/**
 * Durations that a person has set and that another one makes pointless: one above all that it must stay below, be that
 * set or its default. Of what one person has set, not of a template and what is put over it.
 */
export function durationProblems(environment: Environment): string[] {
  return ORDERED.flatMap(([setting, limits]) => {
    const value = environment[setting.name] ? rightValueOf(setting, environment) : undefined;
    const most = limits.map((each) => rightValueOf(each, environment) ?? Number.POSITIVE_INFINITY);
    if (value === undefined || value <= Math.max(...most)) return [];
    return [`${setting.name} must not be above ${limits.map(({ name }) => name).join(' and ')}`];
  });
}

function endpointProblems(environment: Environment): string[] {
  const { endpoints: setting, egress } = webhookEndpointSettings;
  const right = setting.rightOnes(environment[setting.name] || undefined);
  if (right === undefined) return [];
  const { built: endpoints, names } = right;
  const types = [...endpoints].flatMap(([name, options]) =>
    (options.types ?? []).flatMap((type, index) =>
      Object.keys(EVENT_SCHEMAS).some((each) => wants({ types: [type] }, each))
        ? []
        : [`${setting.name} is wrong: ${shownName(name, names)}.types.${index} is the type of no event`],
    ),
  );
  const urls = rightValueOf(egress, environment);
  return [...(urls === undefined ? [] : urlProblems({ endpoints, egress: urls }, names)), ...types];
}

function sourceProblems(environment: Environment): string[] {
  const { sources: setting } = webhookSettings;
  const right = setting.rightOnes(environment[setting.name] || undefined);
  if (right === undefined) return [];
  const aliases = accountSettings.accounts.rightOnes(environment.VOLCENGINE_ACCOUNTS || undefined)?.names;
  // Elsewhere another region may be the default.
  const region = environment.VOLCENGINE_REGION ? rightValueOf(regionSettings.region, environment) : undefined;
  return [...right.built].flatMap(([name, { accounts = [], regions = [], select }]) => {
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
    return problems.map((each) => `${setting.name} is wrong: ${shownName(name, right.names)}.${each}`);
  });
}

/** Undefined where it is wrong, which is said elsewhere. */
function rightValueOf<Value>(
  setting: { name: string; parse: (text: string | undefined) => Value },
  environment: Environment,
): Value | undefined {
  try {
    return readSettings({ setting }, environment).setting;
  } catch {
    return undefined;
  }
}
