import type { FailureReason } from '../../lib/activation/outcome.ts';
import type { NetworkFailure } from '../../lib/volcengine/network-failure.ts';
import type { HttpAnswer } from '../../lib/volcengine/response-collector.ts';
import type { SignedGet } from '../../lib/volcengine/sign.ts';
import type { SeededRandom } from '../fakes/seeded-random.ts';
import type { Faults } from './faults.ts';
import { FlowLogPages } from './loads/flow-log-pages.ts';
import type { SimulatedFlowLog } from './simulated-flow-log.ts';
import type { VirtualTime } from './virtual-time.ts';
import { garbage, otherErrorStatus, refusal, rowRefusal, success } from './volcengine-answers.ts';

const SKEW_MS = 20 * 60_000;
const SKEW_TOLERATED_MS = 15 * 60_000;
const CALLS_A_SECOND = 2;

/** Volcengine at the level of signed requests and wire answers. */
export class SimulatedVolcengine {
  readonly flowLogs = new Map<string, SimulatedFlowLog>();
  /** What it answers by filter. */
  readonly pages: FlowLogPages;
  /** The only one that is accepted. */
  accessKeyId = 'AKLTsimulated0001';
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #faults: Faults;
  readonly #skewMs: number;
  readonly #isThrottled: boolean;
  #callTimes: number[] = [];
  #requests = 0;
  /** When it last gave a reason to fail, by flow log and reason. */
  readonly #verdicts = new Map<string, number>();
  /** An ActiveFlowLog has arrived, whatever becomes of it. */
  onCall: (flowLogId: string, clientToken: string) => void = () => {};
  /** It has made an Inactive flow log Pending. */
  onEffect: (flowLogId: string) => void = () => {};

  constructor(time: VirtualTime, random: SeededRandom, faults: Faults) {
    this.#time = time;
    this.#random = random;
    this.#faults = faults;
    this.pages = new FlowLogPages(random);
    this.#skewMs = faults.strike('volcengine: clock off by 20 minutes') ? SKEW_MS * random.pick([1, -1]) : 0;
    this.#isThrottled = faults.strike('volcengine: two calls a second');
  }

  add(flowLog: SimulatedFlowLog): void {
    this.flowLogs.set(flowLog.flowLogId, flowLog);
  }

  lastSaid(flowLogId: string, reason: FailureReason): number {
    return this.#verdicts.get(`${flowLogId} ${reason}`) ?? Number.NEGATIVE_INFINITY;
  }

  answer(request: SignedGet): HttpAnswer | NetworkFailure {
    this.#requests += 1;
    const requestId = `request-${this.#requests}`;
    const query = new URLSearchParams(request.path.slice(request.path.indexOf('?') + 1));
    if (isActivation(query)) this.onCall(flowLogIdOf(query), query.get('ClientToken') ?? '');
    const answer = this.#gate(requestId, request, query) ?? this.#act(requestId, query);
    return { ...answer, date: new Date(this.#time.now + this.#skewMs).toUTCString() };
  }

  /** What stands before the action: signature, clock, rate limit, and whatever may go wrong there. */
  #gate(requestId: string, { headers }: SignedGet, query: URLSearchParams): HttpAnswer | undefined {
    const signedAt = parseBasicDateTime(headers['x-date'] ?? '');
    if (Math.abs(signedAt - this.#time.now - this.#skewMs) > SKEW_TOLERATED_MS) {
      return refusal(requestId, { httpStatus: 400, code: 'InvalidTimestamp', message: 'expired' });
    }
    if (!headers.authorization?.includes(`Credential=${this.accessKeyId}/`)) {
      return refusal(requestId, { httpStatus: 401, code: 'InvalidAccessKey', message: 'no such key' });
    }
    const { now } = this.#time;
    this.#callTimes = this.#callTimes.filter((at) => at > now - 1_000);
    if (this.#isThrottled && this.#faults.isOn && this.#callTimes.length >= CALLS_A_SECOND) {
      return refusal(requestId, { httpStatus: 429, code: 'FlowLimitExceeded', message: 'too many' });
    }
    this.#callTimes.push(now);
    if (this.#faults.strike('volcengine: garbage')) return garbage(this.#random);
    const flowLogId = flowLogIdOf(query);
    if (this.#faults.strike('volcengine: another error status')) {
      this.#say(flowLogId, 'unexpected');
      return otherErrorStatus(requestId, this.#random);
    }
    const row = this.#faults.errorRow();
    if (row?.decision.kind === 'dead-letter') this.#say(flowLogId, row.decision.reason);
    return row && rowRefusal(requestId, row, this.#random);
  }

  #act(requestId: string, query: URLSearchParams): HttpAnswer {
    return isActivation(query)
      ? this.#activate(requestId, flowLogIdOf(query), query.get('ClientToken') ?? '')
      : this.#describe(requestId, query);
  }

  #activate(requestId: string, flowLogId: string, clientToken: string): HttpAnswer {
    const outcome = this.flowLogs.get(flowLogId)?.activate(clientToken) ?? 'absent';
    if (outcome === 'started') this.onEffect(flowLogId);
    switch (outcome) {
      case 'started':
      case 'known':
        return success(requestId, { RequestId: requestId });
      case 'absent':
        this.#say(flowLogId, 'not-found');
        return refusal(requestId, {
          httpStatus: 404,
          code: 'InvalidFlowLog.NotFound',
          message: 'no such flow log',
        });
      case 'frozen':
      case 'not Inactive': {
        if (outcome === 'frozen') this.#say(flowLogId, 'frozen');
        const message = outcome === 'frozen' ? 'The flow log is in freeze status.' : 'The status is invalid.';
        return refusal(requestId, { httpStatus: 400, code: 'InvalidFlowLog.InvalidStatus', message });
      }
    }
  }

  #say(flowLogId: string, reason: FailureReason): void {
    this.#verdicts.set(`${flowLogId} ${reason}`, this.#time.now);
  }

  #describe(requestId: string, query: URLSearchParams): HttpAnswer {
    const asked = [...query].filter(([name]) => name.startsWith('FlowLogIds.'));
    if (asked.length === 0) return success(requestId, this.pages.page(this.flowLogs.values(), query));
    const rows = asked.map(([, flowLogId]) => {
      const row = this.flowLogs.get(flowLogId)?.describe();
      if (row === undefined) this.#say(flowLogId, 'not-found');
      if (row?.LockReason) this.#say(flowLogId, 'frozen');
      if (row?.Status === 'Deleting') this.#say(flowLogId, 'deleting');
      if (row?.Status === 'Failed') this.#say(flowLogId, 'activation-failed');
      return row;
    });
    return success(requestId, { FlowLogs: rows.filter((row) => row !== undefined) });
  }
}

const isActivation = (query: URLSearchParams) => query.get('Action') === 'ActiveFlowLog';
const flowLogIdOf = (query: URLSearchParams) => query.get('FlowLogId') ?? '';

/** `20260102T030405Z` */
function parseBasicDateTime(text: string): number {
  return Date.parse(text.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
