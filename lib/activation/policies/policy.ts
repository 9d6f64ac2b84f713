import {
  canonicalSelector,
  type FlowLogDetail,
  matchesSelector,
  type Selector,
} from '../batches/selector.ts';
import type { FlowLogRef } from '../model/activation.ts';
import { sha256 } from '../model/ids.ts';
import type { Window } from './window.ts';

/** The conditions of a selector without account, region and status. */
type PolicyFilter = Omit<Selector, 'account' | 'region' | 'status'>;

/** What a policy leaves alone: the flow logs that satisfy all of its conditions, until it ends (ms since the epoch). */
export type Exclusion = PolicyFilter & {
  flowLogIds?: string[];
  account?: string;
  region?: string;
  reason: string;
  until?: number;
};

export const DESIRED_STATES = ['Active', 'Inactive'] as const;
export const REPAIRS = ['activate', 'tell', 'deactivate'] as const;

/** A desired state for all flow logs of some accounts and regions that a filter selects, at all times. */
export type FlowLogPolicy = {
  name: string;
  accounts: 'all' | string[];
  regions: string[];
  selector: PolicyFilter;
  exclusions: Exclusion[];
  desired: (typeof DESIRED_STATES)[number];
  /** `tell`: it changes nothing. */
  repair: (typeof REPAIRS)[number];
  everyMs: number;
  /** It changes nothing outside it. Absent: always open. */
  window?: Window;
};

export type Scope = Pick<FlowLogRef, 'account' | 'region'>;

/** Lower case, so that a name is one word in paths, keys and file names. */
export const POLICY_NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

export function selectorOf(policy: FlowLogPolicy, scope: Scope): Selector {
  return { ...policy.selector, ...scope, status: ['Inactive', 'Failed'] };
}

/**
 * The accounts and regions that the policy covers. `known`: all aliases that can be called. With `all`, a region that is
 * not enabled for an account is left out. What is a mistake is kept, so that the run says what is wrong with it: an
 * account that is named, and a region that is enabled for no account.
 */
export function scopesOf(
  { accounts, regions }: FlowLogPolicy,
  known: readonly string[],
  isEnabled: (scope: Scope) => boolean,
): Scope[] {
  const scopes = (accounts === 'all' ? known : accounts).flatMap((account) =>
    regions.map((region) => ({ account, region })),
  );
  if (accounts !== 'all') return scopes;
  const enabled = new Set(scopes.filter(isEnabled));
  const isMistake = (region: string) => [...enabled].every((scope) => scope.region !== region);
  const mistakes = new Set(regions.filter(isMistake));
  return scopes.filter((scope) => enabled.has(scope) || mistakes.has(scope.region));
}

/** The latest planned time, in ms since the epoch. The times are multiples of the period, whoever asks. */
export function plannedTime({ everyMs }: Pick<FlowLogPolicy, 'everyMs'>, now: number): number {
  return Math.floor(now / everyMs) * everyMs;
}

/** The position of the first exclusion that applies at `now`, or undefined. */
export function exclusionFor(
  { exclusions }: FlowLogPolicy,
  scope: Scope,
  flowLog: FlowLogDetail,
  now: number,
): number | undefined {
  const found = exclusions.findIndex(
    (exclusion) => !hasEnded(exclusion, now) && excludes(exclusion, scope, flowLog),
  );
  return found < 0 ? undefined : found;
}

export function hasEnded({ until = Number.POSITIVE_INFINITY }: Exclusion, now: number): boolean {
  return now >= until;
}

function excludes(exclusion: Exclusion, scope: Scope, flowLog: FlowLogDetail): boolean {
  const { flowLogIds, account = scope.account, region = scope.region } = exclusion;
  return (
    account === scope.account &&
    region === scope.region &&
    (flowLogIds === undefined || flowLogIds.includes(flowLog.flowLogId)) &&
    matchesSelector(exclusion, flowLog)
  );
}

/** Keeps a row small. */
const CONTRADICTIONS_SHOWN = 5;

/** The policies that want another state in this account and region. */
export function opposing(
  policies: readonly FlowLogPolicy[],
  { desired }: FlowLogPolicy,
  { account, region }: Scope,
): FlowLogPolicy[] {
  return policies.filter(
    (other) =>
      other.desired !== desired &&
      (other.accounts === 'all' || other.accounts.includes(account)) &&
      other.regions.includes(region),
  );
}

/** The names of the opposing policies that select the flow log. Such a flow log is changed by none. */
export function contradicting(
  opposed: readonly FlowLogPolicy[],
  scope: Scope,
  flowLog: FlowLogDetail,
  now: number,
): string[] {
  return opposed
    .filter(
      (other) =>
        matchesSelector(other.selector, flowLog) && exclusionFor(other, scope, flowLog, now) === undefined,
    )
    .map(({ name }) => name)
    .slice(0, CONTRADICTIONS_SHOWN);
}

/** The same for policies that look at the same flow logs. */
export function selectionHash(policy: FlowLogPolicy): string {
  return sha256(canonicalSelector({ ...policy.selector, account: '', region: '', status: [] }), 'base64url');
}

/** The same for equal policies. A run that another definition began is not continued. */
export function fingerprintOf(policy: FlowLogPolicy): string {
  return sha256(JSON.stringify(policy), 'base64url');
}
