import type { NetworkFailure } from '../../../lib/volcengine/network-failure.ts';
import type { VolcengineReply } from '../../../lib/volcengine/response-collector.ts';
import type { SignedGet } from '../../../lib/volcengine/sign.ts';
import type { SeededRandom } from '../../support/fakes/seeded-random.ts';
import type { Item } from '../../support/virtual/dynamodb-expressions.ts';
import type { SimulatedVolcengine } from '../../support/virtual/simulated-volcengine.ts';
import { refusal } from '../../support/virtual/volcengine-answers.ts';
import type { Deployment } from '../deployment.ts';
import type { Environment } from '../environment.ts';
import type { Violate } from '../rules.ts';
import type { Load } from './load.ts';

export type Scope = { account: string; region: string };
type Answer = VolcengineReply | NetworkFailure;

const HOME: Scope = { account: 'default', region: 'cn-beijing' };
/** The account that is refused, or removed, for a while. */
const OTHER = 'other';
const ELSEWHERE: readonly [Scope, ...Scope[]] = [
  { account: 'default', region: 'cn-shanghai' },
  { account: OTHER, region: 'cn-beijing' },
  { account: OTHER, region: 'cn-shanghai' },
];
const OTHER_KEY = 'AKLTother';

/** Whose each flow log is, and what stands before Volcengine: it knows an account by its key. */
export class Accounts {
  readonly #volcengine: SimulatedVolcengine;
  readonly #violate: Violate;
  readonly #scopes = new Map<string, Scope>();
  /** Its keys are no longer accepted. */
  isRevoked = false;
  /** Containers that start now know of it. */
  isConfigured = true;

  constructor(volcengine: SimulatedVolcengine, violate: Violate) {
    this.#volcengine = volcengine;
    this.#violate = violate;
  }

  settle(flowLogId: string, random: SeededRandom): void {
    this.#scopes.set(flowLogId, random.pick(ELSEWHERE));
  }

  scopeOf(flowLogId: string): Scope {
    return this.#scopes.get(flowLogId) ?? HOME;
  }

  scopes(): Scope[] {
    const all = [HOME, ...this.#scopes.values()];
    return [...new Map(all.map((scope) => [JSON.stringify(scope), scope])).values()];
  }

  /** Flow logs of one account and region. */
  idsOf(scope: Scope): string[] {
    const ids = [...this.#volcengine.flowLogs.keys()];
    return ids.filter((id) => JSON.stringify(this.scopeOf(id)) === JSON.stringify(scope));
  }

  configured(): ReadonlyMap<string, undefined> {
    return new Map(
      this.isConfigured
        ? [
            [HOME.account, undefined],
            [OTHER, undefined],
          ]
        : [[HOME.account, undefined]],
    );
  }

  keyOf(account: string): string {
    return account === OTHER ? OTHER_KEY : this.#volcengine.accessKeyId;
  }

  /** It may be refused for a while, also where nothing else goes wrong. */
  mayBeRefused(flowLogId: string): boolean {
    return this.scopeOf(flowLogId).account === OTHER;
  }

  /** While it is refused, what is its own may wait, and nothing else. */
  isHeldUp(item: Item | string): boolean {
    if (!this.isRevoked && this.isConfigured) return false;
    return typeof item === 'string'
      ? item.includes(`"${OTHER}.`)
      : JSON.stringify(item).includes(`"${OTHER}"`);
  }

  answer(request: SignedGet, next: (request: SignedGet) => Answer): Answer {
    const authorization = request.headers.authorization ?? '';
    const { account, region } = signedFor(request);
    const own = this.idsOf({ account, region });
    const query = new URLSearchParams(request.path.slice(request.path.indexOf('?') + 1));
    for (const [name, id] of query) {
      if (/^FlowLogIds?(\.|$)/.test(name) && this.#volcengine.flowLogs.has(id) && !own.includes(id)) {
        this.#violate('each account is asked for its own', `${account} in ${region} for ${id}`);
      }
    }
    if (account === OTHER && this.isRevoked) {
      const error = { httpStatus: 401, code: 'InvalidAccessKey', message: 'no such key' };
      return this.#volcengine.hold(refusal('revoked', error));
    }
    this.#volcengine.pages.shown = new Set(own);
    const accepted = authorization.replace(OTHER_KEY, this.#volcengine.accessKeyId);
    return next({ ...request, headers: { ...request.headers, authorization: accepted } });
  }
}

/** By the key that has signed it. */
export function signedFor({ headers }: SignedGet): Scope {
  const [, key = '', region = ''] =
    /Credential=(\w+)\/\d+\/([\w-]+)\//.exec(headers.authorization ?? '') ?? [];
  return { account: key === OTHER_KEY ? OTHER : HOME.account, region };
}

const AWAY_MS = 120_000;

/** The other account is refused or removed now and then, and at times until all that is not its own has ended. */
export function createAccountLoad(environment: Environment, deployment: Deployment, withinMs: number): Load {
  const { random, time, accounts, happened, faults } = environment;
  const revoke = (isRevoked: boolean) => {
    accounts.isRevoked = isRevoked;
    happened(isRevoked ? 'account refused' : 'account accepted again');
  };
  const configure = (isConfigured: boolean) => {
    accounts.isConfigured = isConfigured;
    happened(isConfigured ? 'account configured again' : 'account removed');
    deployment.redeploy();
  };
  for (const change of [revoke, configure]) {
    if (random.chance(0.5)) continue;
    const fromMs = random.integer(0, withinMs);
    time.after(fromMs, () => change(change === revoke));
    time.after(fromMs + random.integer(1_000, AWAY_MS), () => change(change !== revoke));
  }
  const lasting = random.pick([revoke, configure, undefined]);
  const endsAt = 2 * withinMs - 1;
  if (lasting) time.after(endsAt, () => faults.isOn && lasting(lasting === revoke));

  return {
    isDone: () => true,
    atRest: async () => {},
    mend() {
      if (!accounts.isRevoked && accounts.isConfigured) return false;
      happened('all but a refused account has ended');
      if (accounts.isRevoked) revoke(false);
      if (!accounts.isConfigured) configure(true);
      return true;
    },
  };
}
