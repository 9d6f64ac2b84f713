import * as v from 'valibot';
import { LogRecordSchema } from '../logs/log-record.ts';
import type { FakeVolcengineOptions } from '../volcengine/start-fake-volcengine.ts';

/** The messages of the supervisor to its processes. The first one is always the start. */
export const ParentMessage = v.variant('type', [
  v.object({ type: v.literal('start'), config: v.unknown() }),
  v.object({ type: v.literal('stop') }),
]);

/** The messages of a process to the supervisor: logs, once `ready` or `failed`, and `stopped` at a regular end. */
export const ChildMessage = v.variant('type', [
  v.object({ type: v.literal('log'), record: LogRecordSchema }),
  v.object({ type: v.literal('ready'), ready: v.unknown() }),
  v.object({ type: v.literal('failed'), message: v.string() }),
  v.object({ type: v.literal('stopped') }),
]);

export type ChildMessage = v.InferOutput<typeof ChildMessage>;

const Credentials = v.object({
  accessKeyId: v.string(),
  secretAccessKey: v.string(),
  sessionToken: v.optional(v.string()),
});

const Template = v.object({
  Resources: v.record(
    v.string(),
    v.object({ Type: v.string(), Properties: v.optional(v.record(v.string(), v.unknown()), {}) }),
  ),
});

const SettingsSchema = v.object({
  port: v.number(),
  dataDir: v.string(),
  aws: v.object({ region: v.string(), credentials: Credentials }),
  external: v.object({
    sqs: v.optional(v.string()),
    dynamodb: v.optional(v.string()),
    eventbridge: v.optional(v.string()),
    ssm: v.optional(v.string()),
    volcengine: v.optional(v.string()),
  }),
  speed: v.number(),
  overrides: v.record(v.string(), v.string()),
});

const Stack = v.object({ region: v.string(), accountId: v.string(), stackName: v.string() });

export const CloudConfig = v.object({
  template: Template,
  stack: Stack,
  settings: SettingsSchema,
  /** The fake Volcengine checks what is in it. */
  fake: v.custom<FakeOptions>((value) => typeof value === 'object' && value !== null),
});

export type CloudConfig = v.InferOutput<typeof CloudConfig>;

/** The fake's options, but for what the local world decides. */
export type FakeOptions = Omit<FakeVolcengineOptions, 'port' | 'dataDir' | 'now'>;

export const CloudReady = v.object({
  endpoints: v.object({
    sqs: v.string(),
    dynamodb: v.string(),
    eventbridge: v.string(),
    sts: v.string(),
    volcengine: v.string(),
  }),
  /** Of the fake's own account; absent when Volcengine is not faked or the user has given keys. */
  volcengineKeys: v.optional(v.object({ accessKey: v.string(), secretKey: v.string() })),
  resources: v.array(
    v.tuple([v.string(), v.object({ ref: v.string(), attributes: v.record(v.string(), v.string()) })]),
  ),
  asyncQueues: v.array(v.object({ functionName: v.string(), queueUrl: v.string() })),
  eventsQueueUrl: v.string(),
});

export type CloudReady = v.InferOutput<typeof CloudReady>;

export const FunctionsConfig = v.object({
  template: Template,
  stack: Stack,
  settings: SettingsSchema,
  cloud: CloudReady,
  /** What handlers are relative to. */
  codeDir: v.string(),
});

export type FunctionsConfig = v.InferOutput<typeof FunctionsConfig>;

/** The body of `GET /_local`. */
export const WorldDescription = v.object({
  ...CloudReady.entries.endpoints.entries,
  queues: v.object({
    activation: v.optional(v.string()),
    deadLetter: v.optional(v.string()),
    poison: v.optional(v.string()),
    events: v.string(),
  }),
  /** By their names in the template. */
  otherQueues: v.record(v.string(), v.string()),
  table: v.optional(v.string()),
  bus: v.optional(v.string()),
});

export type WorldDescription = v.InferOutput<typeof WorldDescription>;

export const FunctionsReady = v.object({ port: v.number(), description: WorldDescription });
