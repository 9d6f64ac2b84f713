import * as v from 'valibot';
import { asSide } from '../harness/contender.ts';
import { Durations, measureConcurrent } from '../harness/measure.ts';
import { CLIENTS, createCaller } from './callers.ts';

const Config = v.object({
  side: v.picklist(CLIENTS),
  host: v.string(),
  concurrency: v.number(),
  durations: Durations,
});

asSide(Config, ({ side, host, concurrency, durations }) =>
  measureConcurrent(createCaller(side, { host, connections: concurrency }), concurrency, durations),
);
