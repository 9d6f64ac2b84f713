import type {
  ActivationQueue,
  DeadLetter,
  DeadLetterQueue,
  DelayedJob,
  Event,
  EventPublisher,
  PublishOutcome,
} from '../../../lib/activation/model/message-ports.ts';
import type {
  ActivateOutcome,
  CallFailure,
  DescribeOutcome,
  FlowLogView,
} from '../../../lib/activation/model/outcome.ts';
import type {
  FlowLogApi,
  Log,
  Metrics,
  RateLimiter,
  RefusalNotes,
} from '../../../lib/activation/model/ports.ts';

export class RecordingQueue implements ActivationQueue {
  readonly enqueued: DelayedJob[] = [];
  readonly poisoned: { body: string; reason: string }[] = [];
  broken = false;

  async enqueue(jobs: DelayedJob[]) {
    if (this.broken) return { failed: jobs.length };
    this.enqueued.push(...jobs);
    return { failed: 0 };
  }

  async poison(body: string, reason: string) {
    if (this.broken) throw new Error('queue down');
    this.poisoned.push({ body, reason });
  }
}

type Scope = { account: string; region: string };

/** Returns the scripted outcomes in order, and the last one again and again. */
export class ScriptedFlowLogApi implements FlowLogApi {
  readonly calls: { flowLogId: string; clientToken: string }[] = [];
  /** The flow logs of the calls that were DeactiveFlowLog. */
  readonly deactivated: string[] = [];
  readonly described: string[][] = [];
  /** Of the same calls. */
  readonly describedScopes: Scope[] = [];
  outcomes: ActivateOutcome[] = [{ kind: 'accepted', requestId: 'req-1' }];
  views: FlowLogView[] = [];
  describeFailure: CallFailure | undefined;
  /** Of some calls only. */
  describeFailureOf: (flowLogIds: string[], scope: Scope) => CallFailure | undefined = () => undefined;
  /** What `notAfter` is compared with. */
  now = () => 0;
  /** Runs while the call is on its way. */
  duringCall: () => Promise<void> = async () => {};
  duringDescribe: () => unknown = () => {};

  /** DescribeFlowLogs shows these flow logs so from now on. */
  show(status: string, flowLogIds = ['fl-1'], change: Partial<FlowLogView> = {}) {
    const shown = flowLogIds.map((flowLogId) => ({ flowLogId, status, locked: false, ...change }));
    this.views = [...this.views.filter(({ flowLogId }) => !flowLogIds.includes(flowLogId)), ...shown];
  }

  /** Each call that names one of these ids fails as a whole. */
  refuseIds(refused: string[], failure: CallFailure) {
    this.describeFailureOf = (flowLogIds) =>
      refused.some((id) => flowLogIds.includes(id)) ? failure : undefined;
  }

  async activeFlowLog(request: Parameters<FlowLogApi['activeFlowLog']>[0]): Promise<ActivateOutcome> {
    if (this.now() > (request.notAfter ?? Number.POSITIVE_INFINITY)) return { kind: 'not-sent' };
    this.calls.push({ flowLogId: request.flowLog.flowLogId, clientToken: request.clientToken });
    await this.duringCall();
    const outcome = this.outcomes.length > 1 ? this.outcomes.shift() : this.outcomes[0];
    if (outcome === undefined) throw new Error('the script has no outcome');
    return outcome;
  }

  async deactiveFlowLog(request: Parameters<FlowLogApi['deactiveFlowLog']>[0]): Promise<ActivateOutcome> {
    this.deactivated.push(request.flowLog.flowLogId);
    return this.activeFlowLog(request);
  }

  async describeFlowLogs(scope: Scope, flowLogIds: string[]): Promise<DescribeOutcome> {
    this.described.push(flowLogIds);
    this.describedScopes.push(scope);
    await this.duringDescribe();
    const failure = this.describeFailure ?? this.describeFailureOf(flowLogIds, scope);
    if (failure) return failure;
    const asked = this.views.filter(({ flowLogId }) => flowLogIds.includes(flowLogId));
    return { kind: 'described', flowLogs: new Map(asked.map((view) => [view.flowLogId, view])) };
  }
}

export class RecordingPublisher implements EventPublisher {
  readonly published: Event[] = [];
  /** How often it was asked to publish anything. */
  calls = 0;
  /** Not now. */
  refuse: (event: Event) => boolean = () => false;
  /** Not ever, by an event's type or id. */
  refuseForGood: (event: Event) => boolean = () => false;

  async publish(events: Event[]): Promise<PublishOutcome> {
    this.calls += 1;
    const accepted = events.filter((event) => !this.refuse(event) && !this.refuseForGood(event));
    this.published.push(...accepted);
    const refused = events.filter((event) => this.refuseForGood(event));
    return {
      stored: new Set(accepted.map(({ id }) => id)),
      refused: new Map(refused.map(({ id }) => [id, 'InvalidArgument'])),
    };
  }
}

export class RecordingDeadLetters implements DeadLetterQueue {
  readonly deadLetters: DeadLetter[] = [];
  broken = false;
  /** For good. */
  refusing = false;

  async send(deadLetters: { id: string; deadLetter: DeadLetter }[]): Promise<PublishOutcome> {
    const ids = deadLetters.map(({ id }) => id);
    if (this.broken) return { stored: new Set(), refused: new Map(), cause: 'queue down' };
    if (this.refusing) {
      return { stored: new Set(), refused: new Map(ids.map((id) => [id, 'InvalidMessageContents'])) };
    }
    this.deadLetters.push(...deadLetters.map(({ deadLetter }) => deadLetter));
    return { stored: new Set(ids), refused: new Map() };
  }
}

export class CountingLimiter implements RateLimiter, RefusalNotes {
  tokens = Number.POSITIVE_INFINITY;
  throttles = 0;
  nextTurnMs = 1_000;

  async acquire() {
    if (this.tokens < 1) return 2_500;
    this.tokens -= 1;
    return 0;
  }
  async acquireOrTurn() {
    return (await this.acquire()) && this.nextTurnMs;
  }
  release() {
    this.tokens += 1;
  }
  async throttled() {
    this.throttles += 1;
  }
  readonly refusals: (string | undefined)[] = [];
  async described(_scope: Scope, refusedWith: string | undefined) {
    this.refusals.push(refusedWith);
  }
}

export class RecordingMetrics implements Metrics {
  readonly counts = new Map<string, number>();

  count(name: string, value = 1) {
    this.counts.set(name, (this.counts.get(name) ?? 0) + value);
  }
}

/** https://docs.aws.amazon.com/powertools/typescript/latest/features/logger/#reserved-keys */
const RESERVED_KEYS = ['level', 'message', 'sampling_rate', 'service', 'timestamp'];

/** Refuses what the real one drops. */
export class RecordingLog implements Log {
  readonly lines: { level: string; message: string; fields?: Record<string, unknown> }[] = [];

  info(message: string, fields?: Record<string, unknown>) {
    this.#record('info', message, fields);
  }
  warn(message: string, fields?: Record<string, unknown>) {
    this.#record('warn', message, fields);
  }
  error(message: string, fields?: Record<string, unknown>) {
    this.#record('error', message, fields);
  }

  #record(level: string, message: string, fields: Record<string, unknown> = {}) {
    const reserved = RESERVED_KEYS.filter((key) => Object.hasOwn(fields, key));
    if (reserved.length > 0) throw new Error(`"${message}" is logged with ${reserved.join(', ')}`);
    this.lines.push({ level, message, ...(Object.keys(fields).length > 0 && { fields }) });
  }
}
