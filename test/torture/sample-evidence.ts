import type { AnsweredRequest, Evidence } from './ledger.ts';
import { emptyLedger } from './ledger.ts';
import type { SeenActivation, SeenEvent } from './observations.ts';
import type { Plan } from './plan.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

/* A run of two flow logs that went well, and every way in which one can go wrong. */

function scenario(name: string): Scenario {
  const found = SCENARIOS.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${name}`);
  return found;
}

const flowLogs = [
  { flowLogId: 'fl-good', scenario: scenario('plain') },
  { flowLogId: 'fl-bad', scenario: scenario('frozen') },
];

export const smallPlan: Plan = { seed: 1, flowLogs, steps: [] };

const accepted = (batchId: string, joined: boolean) => ({
  batchId,
  activations: ['fl-good', 'fl-bad'].map((flowLogId) => ({
    activationId: `a.${flowLogId}`,
    flowLogId,
    status: 'queued' as const,
    joined,
  })),
});

const request = (idempotencyKey: string, batchId: string, joined: boolean): AnsweredRequest => ({
  idempotencyKey,
  own: flowLogs,
  flowLogIds: ['fl-good', 'fl-bad'],
  answer: accepted(batchId, joined),
  replays: [accepted(batchId, joined)],
});

const activation = (flowLogId: string, end: Partial<SeenActivation>): SeenActivation => ({
  activationId: `a.${flowLogId}`,
  flowLogId,
  status: 'completed',
  generation: 1,
  attempts: 1,
  batchIds: ['b-1', 'b-2'],
  createdAt: 1_000,
  pendingAt: 2_000,
  finishedAt: 5_000,
  ...end,
});

const event = (flowLogId: string, type: string): SeenEvent => ({
  id: `a.${flowLogId}.1.${type}`,
  type: `flow-log-activation.${type}.v1`,
  activationId: `a.${flowLogId}`,
  generation: 1,
  batchIds: ['b-1', 'b-2'],
  body: `{"flowLogId":"${flowLogId}"}`,
});

export function goodEvidence(): Evidence {
  const batch = { total: 2, done: true, counts: { queued: 0, pending: 0, completed: 1, failed: 1 } };
  return {
    ...emptyLedger(),
    requests: [request('key-1', 'b-1', false), request('key-2', 'b-2', true)],
    activations: [
      activation('fl-good', { adopted: false }),
      activation('fl-bad', { status: 'failed', reason: 'frozen' }),
    ],
    batches: ['b-1', 'b-2'].map((batchId) => ({ batchId, ...batch })),
    lists: [
      ['a.fl-good', 'a.fl-bad'],
      ['a.fl-good', 'a.fl-bad'],
    ],
    events: [event('fl-good', 'submitted'), event('fl-good', 'completed'), event('fl-bad', 'failed')],
    batchEvents: ['b-1', 'b-2'].map((batchId) => ({
      id: `${batchId}.completed`,
      batchId,
      total: 2,
      counts: { completed: 1, failed: 1 },
      body: `{"batchId":"${batchId}"}`,
    })),
    deadLetters: [{ activationId: 'a.fl-bad', generation: 1, reason: 'frozen', body: '{}' }],
    calls: ['fl-good', 'fl-bad'].map((flowLogId, index) => ({
      seq: index + 1,
      at: 1_500,
      action: 'ActiveFlowLog',
      flowLogIds: [flowLogId],
      clientToken: `token-${flowLogId}`,
      effective: flowLogId === 'fl-good',
    })),
    flowLogs: [
      { flowLogId: 'fl-good', status: 'Active', activeAt: 4_000, effectiveActivations: 1 },
      { flowLogId: 'fl-bad', status: 'Inactive', effectiveActivations: 0 },
    ],
    leftovers: { due: [], untold: [], overdueBatches: [], misindexed: [] },
  };
}
