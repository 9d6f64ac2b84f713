import type { CallFailure, FailureReason } from '../../../lib/activation/model/outcome.ts';

export const callFailure = <Kind extends 'retry' | 'throttled' | 'hold'>(
  kind: Kind,
  code: string,
  httpStatus?: number,
) => ({ kind, error: { code, message: 'refused', ...(httpStatus !== undefined && { httpStatus }) } });

export const refusedPermanently = (reason: FailureReason, code: string, httpStatus = 400): CallFailure => ({
  kind: 'dead-letter',
  reason,
  error: { code, message: 'refused', httpStatus },
});
