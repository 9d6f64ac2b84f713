import * as v from 'valibot';
import { isOpen } from '../../../lib/activation/model/activation.ts';
import { httpEvent } from '../../support/fakes/lambda.ts';
import type { SimulatedFlowLog } from '../../support/virtual/simulated-flow-log.ts';
import type { Deployment } from '../deployment.ts';
import type { Environment } from '../environment.ts';
import type { Load } from './load.ts';

/** By then whatever is to befall flow logs from outside has befallen them. */
const SETTLED_AFTER_MS = 360_000;
const LOOK_EVERY_MS = 60_000;
/** Of any two containers. */
const CLOCKS_DIFFER_MS = 10_000;

const acceptedSchema = v.pipe(v.string(), v.parseJson(), v.object({ batchId: v.string() }));
const redrivenSchema = v.pipe(v.string(), v.parseJson(), v.object({ generation: v.number() }));

type Asked = { flowLog: SimulatedFlowLog; batchId: string; generation: number; expected: string };

/** Every flow log once more, of a Volcengine and an AWS that behave: each has one right end. */
export function createFinalRound(environment: Environment, deployment: Deployment): Load {
  const { random, time, watch, volcengine, accounts, violate, happened, model, policy } = environment;
  const asked: Asked[] = [];

  const request = async ({ flowLogId }: SimulatedFlowLog) => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': `final-${flowLogId}` };
    const body = JSON.stringify({ flowLogIds: [flowLogId], ...accounts.scopeOf(flowLogId) });
    const answer = await deployment.answer(httpEvent('POST', '/activations', { headers, body }));
    if (answer?.status === 202)
      return { batchId: v.parse(acceptedSchema, answer.body).batchId, generation: 1 };
    violate('a sane world gives the one right end', `${flowLogId}: POST answered ${answer?.status}`);
    return undefined;
  };

  /** Undefined where it is refused, as it must be while its cause is there. */
  const redrive = async (flowLog: SimulatedFlowLog, activationId: string, expected: string) => {
    const { flowLogId } = flowLog;
    const end = environment.redrives.asked({ activationId, expected: undefined });
    const routeKey = 'POST /activations/{activationId}/redrive';
    const headers = { 'content-type': 'application/json' };
    const pathParameters = { activationId };
    const event = httpEvent('POST', `/activations/${activationId}/redrive`, {
      routeKey,
      pathParameters,
      headers,
      body: '{}',
    });
    let answer = await deployment.answer(event);
    // Its own rate limit, which others have just used up.
    while (answer?.status === 503) {
      await time.sleep(5_000);
      answer = await deployment.answer(event);
    }
    end();
    const isInVain = ['frozen', 'deleting', 'not-found'].includes(expected) && flowLog.status !== 'Active';
    const isRefused = answer?.status === 409;
    const helps = !['deleting', 'client-token-malformed', 'invalid-request'].includes(
      watch.current.get(flowLogId)?.reason ?? '',
    );
    if (isRefused !== (isInVain || !helps)) {
      violate('a sane world gives the one right end', `${flowLogId}: redrive answered ${answer?.status}`);
    }
    if (answer?.status !== 202) return undefined;
    const { batchId = '' } = watch.current.get(flowLogId) ?? {};
    return { batchId, generation: v.parse(redrivenSchema, answer.body).generation };
  };

  const ask = async (flowLog: SimulatedFlowLog) => {
    const { flowLogId } = flowLog;
    const current = watch.current.get(flowLogId);
    if (current && isOpen(current)) return;
    const isRedrive = current?.status === 'failed' && current.desired === undefined && random.chance(0.5);
    const expected = expectedOf(flowLog, isRedrive);
    const done = isRedrive ? await redrive(flowLog, current.activationId, expected) : await request(flowLog);
    if (done === undefined) return;
    asked.push({ flowLog, expected, ...done });
    happened('asked once more', `${flowLogId}: ${expected}`);
  };

  return {
    isDone: () => true,
    async afterRest() {
      const flowLogs = [...volcengine.flowLogs.values()];
      await time.sleep(SETTLED_AFTER_MS);
      // What is created takes most of an hour where durations are as shipped.
      while (flowLogs.some(({ isChanging }) => isChanging)) {
        await time.sleep(LOOK_EVERY_MS);
      }
      await Promise.all(flowLogs.map(ask));
    },
    async atRest() {
      for (const { flowLog, batchId, generation, expected } of asked) {
        const { flowLogId } = flowLog;
        const current = watch.current.get(flowLogId);
        const known = model.activations.get(current?.activationId ?? '')?.generations.get(generation);
        const { status, reason, adopted } = known?.end ?? {};
        const end = status === 'completed' && adopted ? 'adopted' : (reason ?? status);
        const { deadlineAt = 0, pendingAt = deadlineAt } = current ?? {};
        const pendingDeadlineAt = pendingAt + policy.pendingDeadlineMs;
        const inTimeBefore = Math.min(deadlineAt, pendingDeadlineAt) - CLOCKS_DIFFER_MS;
        const isTooLate = expected === 'completed' && flowLog.activeSince > inTimeBefore;
        if (current?.batchId === batchId && end === expected) continue;
        if (isTooLate && reason === 'deadline-exceeded') continue;
        violate('a sane world gives the one right end', `${flowLogId}: ${end}, not ${expected}`);
      }
    },
  };
}

/** What becomes of an activation that is asked for now, told from what the flow log is and what is in store for it. */
function expectedOf({ status, isLocked, scenario }: SimulatedFlowLog, isRedrive: boolean): string {
  if (status === 'absent') return 'not-found';
  // A redrive looks first, and a flow log that is Active wants no call.
  if (status === 'Active' && (isRedrive || !isLocked)) return 'adopted';
  if (isLocked) return 'frozen';
  if (status === 'Deleting') return 'deleting';
  if (status === 'Failed') return 'activation-failed';
  if (status !== 'Inactive') return 'deadline-exceeded';
  switch (scenario.becomes?.status) {
    case 'Active':
      return 'completed';
    case 'Failed':
      return 'activation-failed';
    default:
      return 'deadline-exceeded';
  }
}
