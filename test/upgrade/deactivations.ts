import { until } from '../e2e/world.ts';
import type { Cloud } from './cloud.ts';
import type { Facts } from './finish-work.ts';
import type { Service } from './service.ts';
import { batchIdsOf, idOf, invoke, post, readActivation, readBatch } from './work.ts';

const region = 'cn-beijing';
const [ENDED, PENDING, QUEUED] = ['off-ended', 'off-pending', 'off-queued'];
const FLOW_LOGS = [ENDED, PENDING, QUEUED];

/** Lets one end, and leaves one pending and one queued. Returns the batch. */
export async function openDeactivations(service: Service, { volcengine }: Cloud): Promise<string> {
  for (const flowLogId of FLOW_LOGS) {
    const pendingMs = flowLogId === PENDING ? 40_000 : 50;
    await volcengine.seed({ region, flowLogId, status: 'Active', pendingMs });
  }
  const fault = { kind: 'error', action: 'DeactiveFlowLog', code: 'InvalidOperation.Conflict' } as const;
  volcengine.addFaults({ ...fault, flowLogId: QUEUED });
  const { statusCode, body } = await post(service, '/deactivations', { flowLogIds: FLOW_LOGS }, 'off');
  if (statusCode !== 202) throw new Error(JSON.stringify(body));
  const [batchId = ''] = batchIdsOf(body);
  const statusOf = async (flowLogId: string) =>
    (await readActivation(service, idOf(flowLogId, batchId))).status;
  await until(
    async () => JSON.stringify(await Promise.all(FLOW_LOGS.map(statusOf))),
    (statuses) => statuses === '["completed","pending","queued"]',
  );
  return batchId;
}

/** To switch them on again: a version that cannot read what they are stores it, and no more. */
const activate = (service: Service) => post(service, '/activations', { flowLogIds: FLOW_LOGS }, 'on');

/** What a version answers that knows no deactivations, and must leave these alone. */
export async function touchDeactivations(service: Service) {
  await invoke(service, 'check-drift', {});
  const { statusCode, body } = await activate(service);
  return { statusCode, type: body.type };
}

export const callsOf = ({ volcengine }: Cloud, action: string) =>
  volcengine
    .calls()
    .filter((one) => one.action === action && one.flowLogIds.some((id) => FLOW_LOGS.includes(id)));

/** Ends them, then what the other version has stored for the same flow logs. */
export async function finishDeactivations(service: Service, batchId: string): Promise<Facts> {
  for (const flowLogId of FLOW_LOGS) {
    await until(
      () => readActivation(service, idOf(flowLogId, batchId)),
      ({ status }) => status === 'completed',
      60_000,
    );
  }
  const [activated = ''] = batchIdsOf((await activate(service)).body);
  for (const each of [batchId, activated])
    await until(
      () => readBatch(service, each),
      ({ done }) => done,
      60_000,
    );
  const ids = [batchId, activated].flatMap((each) => FLOW_LOGS.map((flowLogId) => idOf(flowLogId, each)));
  return {
    eventIds: [
      ...ids.flatMap((id) => [`${id}.1.submitted`, `${id}.1.completed`]),
      ...[batchId, activated].map((each) => `${each}.completed`),
    ],
    deadLetters: [],
  };
}
