import { accountSettings, checkKeyPair, DEFAULT_ACCOUNT, keySettings } from '../../lib/config/accounts.ts';
import { shownName } from '../../lib/config/options-by-name.ts';
import {
  ConfigurationError,
  type Environment,
  oneOf,
  readSettings,
  type Setting,
} from '../../lib/config/settings.ts';
import { BY_REGION } from '../../lib/volcengine/hosts.ts';
import { editDistance, isKnownRegion, nearestRegions } from '../../lib/volcengine/known-regions.ts';
import { problemsTogether } from './check-together.ts';
import { volcengineSettings } from './volcengine.ts';
import { webhookEndpointSettings } from './webhook-endpoints.ts';
import { webhookSettings } from './webhook-sources.ts';
import { directionSettings, endpointSettings, policySettings, regionSettings } from './workflow.ts';

/** Powertools replaces an unknown level by INFO. */
const LOG_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'SILENT'].flatMap((level) => [
  level,
  level.toLowerCase(),
]);

/**
 * Every variable that a person may set, for all functions. The variables that name the stack's resources are not
 * included.
 */
const TUNABLE: readonly Setting<unknown>[] = [
  ...[policySettings, directionSettings, volcengineSettings, webhookSettings, webhookEndpointSettings],
  { logLevel: oneOf('POWERTOOLS_LOG_LEVEL', LOG_LEVELS, 'INFO') },
].flatMap((settings) => Object.values<Setting<unknown>>(settings));

/** The names of the TUNABLE variables. */
export const TUNABLE_VARIABLES: readonly string[] = TUNABLE.map(({ name }) => name);

/**
 * Checks the whole configuration with the functions' own parsers. Returns every problem, with variable and place, never
 * with a value. An absent variable has its default and is no problem.
 */
export function configurationProblems(environment: Environment): string[] {
  const problems = TUNABLE.flatMap((setting) => problemsOf(() => readSettings({ setting }, environment)));
  const together = [
    ...problemsOf(() => checkKeyPair(readSettings(keySettings, environment))),
    ...problemsTogether(environment),
  ];
  return [...new Set([...problems, ...together])];
}

const SHOWN_REGIONS = 3;

/**
 * Warnings for unusual values: unknown regions (new or misspelt) and unused keys. Throws ConfigurationError for an
 * invalid configuration.
 */
export function configurationWarnings(environment: Environment): string[] {
  const { endpoint, region, accounts, sources, accessKey } = readSettings(
    { ...endpointSettings, ...regionSettings, ...accountSettings, ...webhookSettings },
    environment,
  );
  const unused =
    accessKey !== undefined && accounts.has(DEFAULT_ACCOUNT)
      ? [`VOLCENGINE_ACCESS_KEY is not used: VOLCENGINE_ACCOUNTS has ${DEFAULT_ACCOUNT}.`]
      : [];
  // Another endpoint can have other regions.
  if (endpoint !== BY_REGION) return unused;
  const regionsOf = (
    variable: string,
    options: ReadonlyMap<string, { regions?: readonly string[] | undefined }>,
  ) =>
    [...options].flatMap(([name, { regions = [] }]) =>
      regions.map((each, index) => ({
        region: each,
        place: `${variable}: ${shownName(name, options.keys())}.regions.${index}`,
      })),
    );
  const named = [...regionsOf('VOLCENGINE_ACCOUNTS', accounts), ...regionsOf('WEBHOOK_SOURCES', sources)];
  const unknown = [{ region, place: 'VOLCENGINE_REGION' }, ...named]
    .filter((each) => !isKnownRegion(each.region))
    .map((each) => {
      const nearest = nearestRegions(each.region, SHOWN_REGIONS).join(', ');
      return `${each.place} is no known region. The nearest are ${nearest}.`;
    });
  return [...unused, ...unknown];
}

/**
 * First words of our variables' names. POWERTOOLS_ is not included, because Powertools has more variables than ours.
 */
const FAMILIES = new Set(
  TUNABLE_VARIABLES.map((name) => `${name.split('_')[0]}_`).filter((family) => family !== 'POWERTOOLS_'),
);

/**
 * Finds misspelt names such as `WEBHOOKS_SOURCES` or `DATA_DIRECTORY`. Variables of AWS can be similar and are ignored.
 */
function isNear(name: string, known: string): boolean {
  if (known.length < 8 || name.startsWith('AWS_')) return false;
  return name.startsWith(known) || editDistance(known, name) <= 2;
}

/** By the name that an earlier version had; undefined if nothing has taken its place. */
const FORMER: ReadonlyMap<string, string | undefined> = new Map([
  ['RING_AFTER_MS', 'REQUEUE_AFTER_MS'],
  ['POLL_WHEN_IDLE', undefined],
  ['WORKER_CONCURRENCY', undefined],
]);

const withoutUnderscores = (name: string) => name.replaceAll('_', '').toUpperCase();

/** A warning for each name that looks like one of our variables but is none. */
export function unknownVariables(names: readonly string[], known = TUNABLE_VARIABLES): string[] {
  return names.flatMap((name) => {
    if (known.includes(name)) return [];
    if (FORMER.has(name)) {
      const now = FORMER.get(name);
      return [`${name} is not read any more. ${now === undefined ? 'Delete it.' : `It is ${now} now.`}`];
    }
    const meant =
      known.find((each) => withoutUnderscores(each) === withoutUnderscores(name)) ??
      known.find((each) => isNear(name, each));
    if (meant !== undefined) return [`${name} is not read. Is ${meant} meant?`];
    return [...FAMILIES].some((family) => name.startsWith(family)) ? [`${name} is not read.`] : [];
  });
}

function problemsOf(check: () => unknown): string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}
