import { hash } from 'node:crypto';
import type { FlowLogRef, OutboxEntry } from './activation.ts';
import type { Directed } from './goal.ts';

/**
 * Ids are derived, not random: every replay, redelivery or restart computes the same ids.
 * The only exception: a batch without an idempotency key gets a random id.
 */
const SEPARATOR = '.';

export const FLOW_LOG_ID = /^[A-Za-z0-9-]{1,64}$/;
export const ACCOUNT_ALIAS = /^[A-Za-z0-9_-]{1,64}$/;
export const REGION = /^[a-z]{2,}(-[a-z0-9]+){1,4}$/;
export const REGION_LIMIT = 32;
export const BATCH_ID = /^b-[a-z0-9]{32}$/;

/**
 * Always the same for the same caller, key and direction. Keys of different callers do not collide, nor do the keys of
 * activations and deactivations. So no id and no ClientToken of one is ever that of the other.
 */
export function deriveBatchId(
  callerScope: string,
  idempotencyKey: string,
  { desired }: Directed = {},
): string {
  const named = [callerScope, idempotencyKey, ...(desired === undefined ? [] : [desired])];
  return `b-${sha256(JSON.stringify(named), 'hex').slice(0, 32)}`;
}

/** Readable and reversible, because none of its parts can contain a dot. */
export function activationIdOf(flowLog: FlowLogRef, batchId: string): string {
  return [flowLog.account, flowLog.region, flowLog.flowLogId, batchId].join(SEPARATOR);
}

/** Undefined for any text that activationIdOf cannot have returned. */
export function parseActivationId(id: string): { flowLog: FlowLogRef; batchId: string } | undefined {
  const [account = '', region = '', flowLogId = '', batchId = '', ...rest] = id.split(SEPARATOR);
  const valid =
    rest.length === 0 &&
    ACCOUNT_ALIAS.test(account) &&
    isRegion(region) &&
    FLOW_LOG_ID.test(flowLogId) &&
    BATCH_ID.test(batchId);
  return valid ? { flowLog: { account, region, flowLogId }, batchId } : undefined;
}

export function isRegion(value: string): boolean {
  return value.length <= REGION_LIMIT && REGION.test(value);
}

/**
 * 43 ASCII characters (Volcengine allows 64). One token per activation and generation: a retry sends the same token,
 * a redrive sends a new one.
 */
export function clientTokenOf(activationId: string, generation: number): string {
  return sha256(`${activationId}#${generation}`, 'base64url');
}

/** The id of an outbox entry's event or dead letter. */
export function outboxEventIdOf(activationId: string, entry: OutboxEntry): string {
  const [type, number] = entry.split('#');
  return [activationId, number, type].join(SEPARATOR);
}

/** The id of a batch's completion event. */
export function batchCompletedIdOf(batchId: string): string {
  return [batchId, 'completed'].join(SEPARATOR);
}

/** Two flow logs have the same key exactly if they are equal. */
export function flowLogKey(flowLog: FlowLogRef): string {
  return `${flowLog.account}#${flowLog.region}#${flowLog.flowLogId}`;
}

export function sha256(text: string, encoding: 'hex' | 'base64url'): string {
  return hash('sha256', text, encoding);
}
