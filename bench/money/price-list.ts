import { readFile } from 'node:fs/promises';
import * as v from 'valibot';

const source = v.string();
const price = v.number();

const Prices = v.object({
  region: v.string(),
  date: v.string(),
  lambda: v.object({ perGbSecondArm64: price, perMillionRequests: price, source }),
  sqs: v.object({ perMillionStandardRequests: price, source }),
  dynamodb: v.object({ perMillionWriteUnits: price, perMillionReadUnits: price, source }),
  eventbridge: v.object({ perMillionCustomEvents: price, perGbArchived: price, source }),
  httpApi: v.object({ perMillionRequests: price, source }),
  stepFunctions: v.object({
    perMillionStandardTransitions: price,
    perMillionExpressRequests: price,
    perExpressGbSecond: price,
    expressMemoryStepMb: v.number(),
    expressDurationStepMs: v.number(),
    source,
  }),
  durableFunctions: v.object({
    perMillionOperations: price,
    perGbWritten: price,
    perGbMonthRetained: price,
    source,
  }),
  cloudWatch: v.object({ perGbOfLogs: price, perAlarmMonth: price, source }),
  kms: v.object({ perKeyMonth: price, source }),
  secretsManager: v.object({ perSecretMonth: price, source }),
  alwaysFree: v.object({ sqsRequests: v.number(), alarmMetrics: v.number(), source }),
});
type Prices = v.InferOutput<typeof Prices>;

const Assumptions = v.object({
  memoryMbOfOneProcessor: v.number(),
  cpuFactorLeast: v.number(),
  cpuFactorMost: v.number(),
  platformLogBytesPerInvocation: v.number(),
  platformLogLinesPerInvocation: v.number(),
  bytesBilledPerLogLine: v.number(),
  pollersOfAnIdleQueue: v.number(),
  longPollSeconds: v.number(),
  secondsBetweenLooks: v.number(),
  durableRetentionDays: v.number(),
});
type Assumptions = v.InferOutput<typeof Assumptions>;

type PriceList = { prices: Prices; assumptions: Assumptions };

/** What everything is reckoned with. */
export type Basis = PriceList & {
  /** Processor time of one record of the worker. */
  cpuMs: number;
  /** Of the poller for one activation, and for a tick that finds nothing. */
  pollerCpuMs: number;
  tickCpuMs: number;
};

export async function readPriceList(): Promise<PriceList> {
  return {
    prices: v.parse(Prices, await readJson('./prices.json')),
    assumptions: v.parse(Assumptions, await readJson('./assumptions.json')),
  };
}

async function readJson(name: string): Promise<unknown> {
  return JSON.parse(await readFile(new URL(name, import.meta.url), 'utf8'));
}
