/**
 * `lost`: an accepted activation that did not end or was not told; `duplicate`: one that ended, started or was told
 * more than once; `wrong`: everything else that must not be.
 */
export type Violation = { kind: 'lost' | 'duplicate' | 'wrong'; message: string };

export const lost = (message: string): Violation => ({ kind: 'lost', message });
export const duplicate = (message: string): Violation => ({ kind: 'duplicate', message });
export const wrong = (message: string): Violation => ({ kind: 'wrong', message });
