import * as v from 'valibot';
import { asContender } from '../harness/contender.ts';
import { Durations, measureConcurrent } from '../harness/measure.ts';
import { CLIENTS, createCaller } from './callers.ts';

const Config = v.object({
  contender: v.picklist(CLIENTS),
  host: v.string(),
  concurrency: v.number(),
  durations: Durations,
});

asContender(Config, ({ contender, host, concurrency, durations }) =>
  measureConcurrent(createCaller(contender, { host, connections: concurrency }), concurrency, durations),
);
