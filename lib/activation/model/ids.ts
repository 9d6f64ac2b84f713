import { createHash } from 'node:crypto';
import type { FlowLogRef, OutboxEntry } from './activation.ts';

/**
 * Ids are derived, never drawn, so that every replay, redelivery and crash arrives at the same ones.
 * The one exception is the batch of a caller who gave no idempotency key.
 */
const SEPARATOR = '.';

export const FLOW_LOG_ID = /^[A-Za-z0-9-]{1,64}$/;
export const ACCOUNT_ALIAS = /^[A-Za-z0-9_-]{1,64}$/;
export const REGION = /^[a-z]{2,}(-[a-z0-9]+){1,4}$/;
export const REGION_LIMIT = 32;
export const BATCH_ID = /^b-[a-z0-9]{32}$/;

/** The same for the same caller and key, for ever; different callers never collide on a key. */
export function deriveBatchId(callerScope: string, idempotencyKey: string): string {
  return `b-${sha256(JSON.stringify([callerScope, idempotencyKey]), 'hex').slice(0, 32)}`;
}

/** Readable and reversible: none of its parts can contain a dot. */
export function activationIdOf(flowLog: FlowLogRef, batchId: string): string {
  return [flowLog.account, flowLog.region, flowLog.flowLogId, batchId].join(SEPARATOR);
}

/** Undefined for anything that activationIdOf cannot have made. */
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
 * 43 ASCII characters (Volcengine allows 64). One per activation and generation: a retry repeats it, a redrive
 * does not.
 */
export function clientTokenOf(activationId: string, generation: number): string {
  return sha256(`${activationId}#${generation}`, 'base64url');
}

/** The id of the event (or dead letter) that an outbox entry stands for. */
export function outboxEventIdOf(activationId: string, entry: OutboxEntry): string {
  const [type, number] = entry.split('#');
  return [activationId, number, type].join(SEPARATOR);
}

/** The id of the one event that tells of a batch's end. */
export function batchCompletedIdOf(batchId: string): string {
  return [batchId, 'completed'].join(SEPARATOR);
}

/** A key that is equal exactly for equal flow logs. */
export function flowLogKey(flowLog: FlowLogRef): string {
  return `${flowLog.account}#${flowLog.region}#${flowLog.flowLogId}`;
}

export function sha256(text: string, encoding: 'hex' | 'base64url'): string {
  return createHash('sha256').update(text).digest(encoding);
}
