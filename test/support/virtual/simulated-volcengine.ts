import type { FailureReason } from '../../../lib/activation/model/outcome.ts';
import type { ErrorRow } from '../../../lib/volcengine/error-table.ts';
import type { NetworkFailure } from '../../../lib/volcengine/network-failure.ts';
import type { VolcengineReply } from '../../../lib/volcengine/response-collector.ts';
import type { SignedGet } from '../../../lib/volcengine/sign.ts';
import type { SeededRandom } from '../fakes/seeded-random.ts';
import type { Caller } from './container.ts';
import type { Faults } from './faults.ts';
import { FlowLogPages } from './flow-log-pages.ts';
import { type FlowLogFaults, type Habits, type Scenario, SimulatedFlowLog } from './simulated-flow-log.ts';
import type { VirtualTime } from './virtual-time.ts';
import { garbage, otherErrorStatus, refusal, rowRefusal, success } from './volcengine-answers.ts';

const SKEW_TOLERATED_MS = 15 * 60_000;

type VolcengineFaults = FlowLogFaults &
  Faults<`volcengine: ${'garbage' | 'another error status'}`> & {
    readonly isLagging: boolean;
    /** A row of the error table to be answered instead of doing what was asked. */
    errorRow(): ErrorRow | undefined;
  };

/** The ids that are shown; or that credentials, permissions or the endpoint are wrong; or nothing of use. */
export type Telling = ReadonlySet<string> | 'hold' | 'nothing';
type Told = VolcengineReply & { telling?: Telling };

/** Those of `otherErrorStatus` that are about the account or the endpoint. */
const HELD_STATUSES: ReadonlySet<number> = new Set([301, 401, 403]);

export type ChangeAction = 'ActiveFlowLog' | 'DeactiveFlowLog';

/** Volcengine at the level of signed requests and wire answers. */
export class SimulatedVolcengine {
  readonly flowLogs = new Map<string, SimulatedFlowLog>();
  /** What it answers by filter. */
  readonly pages: FlowLogPages;
  /** The only one that is accepted, unless `accepts` says otherwise. */
  accessKeyId = 'AKLTsimulated0001';
  accepts = (accessKeyId: string): boolean => accessKeyId === this.accessKeyId;
  /** How far its clock is ahead. */
  skewMs = 0;
  /** So many of an account are answered within a second, the others 429. */
  callsASecond = Number.POSITIVE_INFINITY;
  /** Its permissions have been taken away. */
  isAccountRefused = false;
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #faults: VolcengineFaults;
  readonly #callTimes = new Map<string, number[]>();
  #requests = 0;
  readonly habits: Habits;
  /** When an ActiveFlowLog was last answered so, by flow log and answer. */
  readonly #said = new Map<string, number>();
  /** Answers about which a reader of DescribeFlowLogs is told something, by what it is told. */
  readonly #tellings = new WeakMap<object, Telling>();
  /** An ActiveFlowLog or DeactiveFlowLog has arrived, whatever becomes of it. */
  onCall: (flowLogId: string, clientToken: string, caller: Caller, action: ChangeAction) => void = () => {};
  onActive: (flowLogId: string) => void = () => {};
  /** It has made a flow log Pending. */
  onEffect: (flowLogId: string) => void = () => {};
  /** It has named what a call has started. */
  onTask: (flowLogId: string, taskId: string) => void = () => {};

  constructor(habits: Habits, time: VirtualTime, random: SeededRandom, faults: VolcengineFaults) {
    this.habits = habits;
    this.#time = time;
    this.#random = random;
    this.#faults = faults;
    this.pages = new FlowLogPages(random);
  }

  add(flowLogId: string, scenario: Scenario): void {
    const flowLog = new SimulatedFlowLog(
      flowLogId,
      scenario,
      this.habits,
      this.#time,
      this.#random,
      this.#faults,
    );
    flowLog.onActive = (id) => this.onActive(id);
    this.flowLogs.set(flowLogId, flowLog);
  }

  /** When a call was last answered so. */
  lastSaid(flowLogId: string, what: FailureReason | 'accepted'): number {
    return this.#said.get(`${flowLogId} ${what}`) ?? Number.NEGATIVE_INFINITY;
  }

  /** What the answer, once it has arrived, tells of flow logs. */
  tellingOf(answer: object): Telling {
    return this.#tellings.get(answer) ?? 'nothing';
  }

  /** What stands before it refuses the credentials. */
  hold(answer: VolcengineReply): VolcengineReply {
    this.#tellings.set(answer, 'hold');
    return answer;
  }

  /** Its request ids are as long as those of the local fake: they are in items, events and logs, which are paid by size. */
  answer(request: SignedGet, caller: Caller): VolcengineReply | NetworkFailure {
    this.#requests += 1;
    const requestId = `20260102030405${String(this.#requests).padStart(18, '0')}`;
    const query = new URLSearchParams(request.path.slice(request.path.indexOf('?') + 1));
    const action = changeOf(query);
    if (action) this.onCall(flowLogIdOf(query), query.get('ClientToken') ?? '', caller, action);
    const refused = this.#gate(requestId, request, query);
    const { telling, ...answer } = refused ?? this.#act(requestId, query, caller);
    const dated = { ...answer, date: new Date(this.#time.now + this.skewMs).toUTCString() };
    if (telling) this.#tellings.set(dated, telling);
    return dated;
  }

  /** What stands before the action: signature, clock, rate limit, and whatever may go wrong there. */
  #gate(requestId: string, { headers }: SignedGet, query: URLSearchParams): Told | undefined {
    const signedAt = parseBasicDateTime(headers['x-date'] ?? '');
    if (Math.abs(signedAt - this.#time.now - this.skewMs) > SKEW_TOLERATED_MS) {
      return refusal(requestId, { httpStatus: 400, code: 'InvalidTimestamp', message: 'expired' });
    }
    const [, accessKeyId = ''] = /Credential=([^/]*)\//.exec(headers.authorization ?? '') ?? [];
    if (!this.accepts(accessKeyId)) {
      return held(refusal(requestId, { httpStatus: 401, code: 'InvalidAccessKey', message: 'no such key' }));
    }
    if (this.isAccountRefused && this.#faults.isOn) {
      return held(refusal(requestId, { httpStatus: 403, code: 'AccessDenied', message: 'no permission' }));
    }
    if (this.#isOverRate(accessKeyId)) {
      return refusal(requestId, { httpStatus: 429, code: 'FlowLimitExceeded', message: 'too many' });
    }
    if (this.#faults.strike('volcengine: garbage')) {
      const answer = garbage(this.#random);
      return answer.httpStatus === 404 ? held(answer) : answer;
    }
    const flowLogId = flowLogIdOf(query);
    if (this.#faults.strike('volcengine: another error status')) {
      this.#say(flowLogId, 'unexpected');
      const answer = otherErrorStatus(requestId, this.#random);
      return HELD_STATUSES.has(answer.httpStatus) ? held(answer) : answer;
    }
    const row = this.#faults.errorRow();
    if (row === undefined) return undefined;
    const { decision } = row;
    if (decision.kind === 'dead-letter') {
      const isDenial = decision.reason === 'not-found' && changeOf(query) === undefined;
      if (isDenial && !this.#asked(query).every(([, flowLog]) => flowLog?.mayBeDenied() ?? true))
        return undefined;
      this.#say(flowLogId, decision.reason);
    }
    const answer = rowRefusal(requestId, row, this.#random);
    return decision.kind === 'hold' ? held(answer) : answer;
  }

  #isOverRate(accessKeyId: string): boolean {
    if (this.callsASecond === Number.POSITIVE_INFINITY) return false;
    const { now } = this.#time;
    const recent = (this.#callTimes.get(accessKeyId) ?? []).filter((at) => at > now - 1_000);
    const isOver = recent.length >= this.callsASecond;
    this.#callTimes.set(accessKeyId, isOver ? recent : [...recent, now]);
    return isOver;
  }

  #act(requestId: string, query: URLSearchParams, caller: Caller): Told {
    const action = changeOf(query);
    return action
      ? this.#change(action, requestId, flowLogIdOf(query), query.get('ClientToken') ?? '')
      : this.#describe(requestId, query, caller);
  }

  #change(action: ChangeAction, requestId: string, flowLogId: string, clientToken: string): VolcengineReply {
    const flowLog = this.flowLogs.get(flowLogId);
    const changed =
      action === 'ActiveFlowLog' ? flowLog?.activate(clientToken) : flowLog?.deactivate(clientToken);
    const outcome = changed ?? 'absent';
    if (outcome === 'started') this.onEffect(flowLogId);
    switch (outcome) {
      case 'started':
      case 'known':
        this.#say(flowLogId, 'accepted');
        this.onTask(flowLogId, `task-${requestId}`);
        return success(requestId, { RequestId: requestId, AsyncTaskId: `task-${requestId}` });
      case 'absent':
        this.#say(flowLogId, 'not-found');
        return refusal(requestId, {
          httpStatus: 404,
          code: 'InvalidFlowLog.NotFound',
          message: 'no such flow log',
        });
      case 'frozen':
      case 'not Inactive':
      case 'not Active': {
        if (outcome === 'frozen') this.#say(flowLogId, 'frozen');
        const message = outcome === 'frozen' ? 'The flow log is in freeze status.' : 'The status is invalid.';
        return refusal(requestId, { httpStatus: 400, code: 'InvalidFlowLog.InvalidStatus', message });
      }
    }
  }

  #say(flowLogId: string, what: FailureReason | 'accepted'): void {
    this.#said.set(`${flowLogId} ${what}`, this.#time.now);
  }

  #asked(query: URLSearchParams) {
    const ids = [...query].filter(([name]) => name.startsWith('FlowLogIds.')).map(([, id]) => id);
    return ids.map((id) => [id, this.flowLogs.get(id)] as const);
  }

  #describe(requestId: string, query: URLSearchParams, caller: Caller): Told {
    const { lagMs, unknownId, emptyList } = this.habits;
    const { isOn, isLagging } = this.#faults;
    const isBehind = isOn && this.#random.chance(isLagging ? 0.9 : 0.4);
    const isFarBehind = isLagging || this.#random.chance(0.5);
    const behindMs = isBehind ? (isFarBehind ? lagMs : this.#random.integer(0, lagMs)) : 0;
    const asked = this.#asked(query);
    if (asked.length === 0) return success(requestId, this.pages.page(this.flowLogs.values(), query));
    const rows = asked.flatMap(([, flowLog]) => {
      const sight = flowLog?.seen(behindMs);
      return flowLog && sight ? [flowLog.rowOf(sight)] : [];
    });
    if (rows.length < asked.length && unknownId !== 'left out') {
      const isNotFound = unknownId === 'not found';
      return refusal(requestId, {
        httpStatus: isNotFound ? 404 : 400,
        code: isNotFound ? 'InvalidFlowLog.NotFound' : 'InvalidParameter.FlowLogIds',
        message: 'The specified flow log does not exist.',
      });
    }
    if (caller.name.startsWith('poller')) {
      for (const { FlowLogId } of rows) this.flowLogs.get(String(FlowLogId))?.shownToPoller();
    }
    const telling = new Set(rows.map(({ FlowLogId }) => String(FlowLogId)));
    if (rows.length > 0 || emptyList === 'list')
      return { ...success(requestId, { FlowLogs: rows }), telling };
    return success(requestId, emptyList === 'null' ? { FlowLogs: null } : {});
  }
}

const held = (answer: VolcengineReply): Told => ({ ...answer, telling: 'hold' });
/** Undefined for DescribeFlowLogs. */
const changeOf = (query: URLSearchParams): ChangeAction | undefined => {
  const action = query.get('Action');
  return action === 'ActiveFlowLog' || action === 'DeactiveFlowLog' ? action : undefined;
};
const flowLogIdOf = (query: URLSearchParams) => query.get('FlowLogId') ?? '';

/** `20260102T030405Z` */
function parseBasicDateTime(text: string): number {
  return Date.parse(text.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
