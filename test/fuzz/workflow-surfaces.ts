import fc from 'fast-check';
import { activateFlowLog } from '../../lib/activation/activate-flow-log.ts';
import { checkDrift } from '../../lib/activation/drift/check-drift.ts';
import { activationIdOf } from '../../lib/activation/model/ids.ts';
import { createPoller } from '../../lib/activation/poller/poll-activations.ts';
import { batchIdOf, flowLogOf, START } from '../support/fakes/activations.ts';
import { describeAnswers } from './describe-input.ts';
import { checkDeadLetter, checkEvent, checkRecord } from './record-check.ts';
import { defineSurface, require, type Surface, Violation } from './surface.ts';
import { activeAnswer } from './volcengine-input.ts';
import { apiAnswering } from './volcengine-surfaces.ts';
import { createWorld, KNOWN_FLOW_LOGS, type World } from './world.ts';

const WORK_RESULTS = ['accepted', 'retry', 'throttled', 'hold', 'verify', 'dead-letter'];
const job = { activationId: activationIdOf(flowLogOf('fl-queued'), batchIdOf(1)), generation: 1 };

const TICK_MS = 5_000;
const minute = 60_000;
/** Nothing is pending of these: only the check asks about them. */
const COMPLETED = ['fl-completed', 'fl-untold', 'fl-drifted'];

/** What becomes of the workflow's records when Volcengine answers anything at all. */
export const WORKFLOW_SURFACES: readonly Surface[] = [
  defineSurface({
    name: 'worker, ActiveFlowLog answers',
    inputs: activeAnswer,
    async probe(answer) {
      const world = createWorld({ flowLogIds: ['fl-queued'], api: apiAnswering([answer]).api });
      const result = await activateFlowLog(world, job, 0);
      if (!WORK_RESULTS.includes(result)) throw new Violation('unclassified', result);
      checkWorld(world);
      const record = await world.store.readActivation(job.activationId);
      require(record?.leaseUntil === undefined, 'the lease outlived its call');
      require(record?.attempts === 1, 'a call was not counted');
      const isQueued = record.status === 'queued';
      require(isQueued ===
        (world.queue.enqueued.length === 1), 'a retry without its job, or a job without a retry');
      return record.status === 'pending' && record.accepted === true ? 'accepted' : 'refused';
    },
  }),
  defineSurface({
    name: 'poller, DescribeFlowLogs answers',
    inputs: fc.record({
      answers: describeAnswers(KNOWN_FLOW_LOGS),
      pausesMs: fc.array(fc.constantFrom(0, TICK_MS, minute, 30 * minute), { minLength: 1, maxLength: 2 }),
    }),
    async probe({ answers, pausesMs }) {
      const world = createWorld({ flowLogIds: KNOWN_FLOW_LOGS, api: apiAnswering(answers).api });
      const poller = createPoller(world);
      let described = 0;
      for (const pauseMs of pausesMs) {
        world.clock.now += pauseMs;
        described += (await poller.tick(world.clock.now + TICK_MS)).described;
        checkWorld(world);
      }
      const accepted = await world.store.readActivation(
        activationIdOf(flowLogOf('fl-accepted'), batchIdOf(1)),
      );
      require(accepted?.status !== 'queued', 'an accepted generation went back to queued');
      require(world.clock.now >= START, 'time');
      return described > 0 ? 'accepted' : 'refused';
    },
  }),
  defineSurface({
    name: 'drift check, DescribeFlowLogs answers',
    inputs: fc.record({ first: describeAnswers(COMPLETED), second: describeAnswers(COMPLETED) }),
    async probe({ first, second }) {
      const world = createWorld({ flowLogIds: COMPLETED, api: apiAnswering([...first, ...second]).api });
      const deps = { ...world, replicaLagMs: world.policy.replicaLagMs };
      let checked = 0;
      for (let round = 0; round < 2; round += 1) {
        const limit = { readUntil: world.clock.now + minute, describeUntil: world.clock.now + 2 * minute };
        checked += (await checkDrift(deps, limit)).checked;
        checkWorld(world);
        await createPoller(world).tick(world.clock.now + TICK_MS);
        checkWorld(world);
      }
      return checked > 0 ? 'accepted' : 'refused';
    },
  }),
];

export function checkWorld({ store, publisher, deadLetters }: World): void {
  for (const record of [...store.current.values(), ...store.archive.values()]) checkRecord(record);
  for (const event of publisher.published) checkEvent(event);
  for (const deadLetter of deadLetters.deadLetters) checkDeadLetter(deadLetter);
  const bytes = new Map<string, string>();
  for (const { id, body } of publisher.published) {
    require((bytes.get(id) ?? body) === body, `event ${id} was published with other bytes`);
    bytes.set(id, body);
  }
}
