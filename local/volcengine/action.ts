import type { FakeCloud } from './fake-cloud.ts';
import type { Parameters } from './parameters.ts';
import type { Caller } from './verify-signature.ts';

export type ActionCall = {
  requestId: string;
  caller: Caller;
  /** Without Action and Version. */
  parameters: Parameters;
  sleep: (durationMs: number) => Promise<void>;
};

/** `effective`: the call took a flow log from Inactive to Pending. */
export type ActionResult = { result?: Record<string, unknown>; effective: boolean };

export type Action = (call: ActionCall, cloud: FakeCloud) => ActionResult | Promise<ActionResult>;
