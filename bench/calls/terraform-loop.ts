import { mapConcurrently } from '../../lib/runtime/concurrency.ts';
import { inMemoryQuota } from '../../test/support/fakes/in-memory-quota-store.ts';
import { type pollerDepsOf, REGION } from '../../test/support/virtual/container-deps.ts';

/*
 * `volcengine_flow_log_active`, as its source has it (volcengine/terraform-provider-volcengine,
 * volcengine/vpc/flow_log_active/service_volcengine_flow_log_active.go and resource_…, common/*_callback.go):
 * CreateResource reads the flow log, and calls ActiveFlowLog unless it is Active; WaitForState then reads it until it
 * is Active, with Delay and MinTimeout of 1 s; in the end the resource is read once more.
 */
const DELAY_MS = 1_000;
const MIN_TIMEOUT_MS = 1_000;

export type Waits = 'provider' | 'every-second';

/**
 * WaitForState of hashicorp/terraform-plugin-sdk (helper/resource/state.go): the first read follows the delay at
 * once; the wait between reads begins with 100 ms, doubles after each, and is bounded by MinTimeout and 10 s, which
 * makes 1, 2, 4, 8, 10, 10 … seconds.
 */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;

/** Terraform's own default of `-parallelism`. */
const PARALLELISM = 10;

type Deps = Pick<ReturnType<typeof pollerDepsOf>, 'api' | 'now' | 'policy'> & {
  sleep(ms: number): Promise<void>;
};

/** Activates each flow log by itself, ten at once. */
export async function runLoop(deps: Deps, waits: Waits, flowLogIds: string[]): Promise<void> {
  const { api, now, policy, sleep } = deps;
  const { ratePerSecond } = policy;
  const limiter = inMemoryQuota({ ratePerSecond, now, sleep });

  const statusOf = async (flowLogId: string): Promise<string> => {
    await limiter.acquire('default', Number.POSITIVE_INFINITY);
    const outcome = await api.describeFlowLogs({ account: 'default', region: REGION }, [flowLogId]);
    const view = outcome.kind === 'described' ? outcome.flowLogs.get(flowLogId) : undefined;
    if (view === undefined) throw new Error(`${flowLogId} could not be read`);
    return view.status;
  };
  const activate = async (flowLogId: string) => {
    await limiter.acquire('default', Number.POSITIVE_INFINITY);
    const flowLog = { account: 'default', region: REGION, flowLogId };
    const outcome = await api.activeFlowLog({ flowLog, clientToken: `terraform-${flowLogId}` });
    if (outcome.kind !== 'accepted') throw new Error(`${flowLogId} was not accepted`);
  };
  const waitForActive = async (flowLogId: string) => {
    await sleep(DELAY_MS);
    let waitMs = FIRST_WAIT_MS;
    while ((await statusOf(flowLogId)) !== 'Active') {
      waitMs = Math.min(LONGEST_WAIT_MS, Math.max(MIN_TIMEOUT_MS, 2 * waitMs));
      await sleep(waits === 'provider' ? waitMs : MIN_TIMEOUT_MS);
    }
  };

  await mapConcurrently(flowLogIds, PARALLELISM, async (flowLogId) => {
    if ((await statusOf(flowLogId)) !== 'Active') {
      await activate(flowLogId);
      await waitForActive(flowLogId);
    }
    await statusOf(flowLogId);
  });
}
