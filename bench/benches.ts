import { bundles } from './bundles/bundles.ts';
import { calls } from './calls/calls.ts';
import { client } from './client/client.ts';
import { coldStart } from './cold-start/cold-start.ts';
import { commandStart } from './command-start/command-start.ts';
import { durable } from './durable/durable.ts';
import { growth } from './growth/growth.ts';
import type { Bench } from './harness/bench.ts';
import { idleTick } from './idle-tick/idle-tick.ts';
import { isolation } from './isolation/isolation.ts';
import { latency } from './latency/latency.ts';
import { money } from './money/money.ts';
import { poller } from './poller/poller.ts';
import { quota } from './quota/quota.ts';
import { scale } from './scale/scale.ts';
import { signing } from './signing/signing.ts';
import { wire } from './wire/wire.ts';
import { worker } from './worker/worker.ts';

export const BENCHES: readonly Bench[] = [
  signing,
  client,
  worker,
  poller,
  coldStart,
  commandStart,
  calls,
  quota,
  growth,
  idleTick,
  wire,
  bundles,
  latency,
  isolation,
  money,
  durable,
  scale,
];
