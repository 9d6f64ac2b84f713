// The settings of a deployment. Each stands here, once: the parameters of the template, what `--param` takes, what the
// values must be and docs/reference/configuration.md are made from this table.
//
// To add a setting: an entry here, `!Ref <Name>` where it is used (the same name, with a capital letter first), and
// `npm run contracts`. osls takes no `!Ref` for some properties of functions and events: infra/applied-settings.cjs.
//
// `kind`: text (with `pattern` and `must`), json (of an object), whole or number (`from`, `to`), boolean, choice
// (`values`), schedule. `variable`: the environment variable that has the value. `more`: what only the page says.
// `byStage`: what the default `by-stage` stands for; the condition <Name>ByStage is true for it.

const MINUTE_MS = 60_000;
const MAX_DELAY_MS = 15 * MINUTE_MS;
const MONTH_MS = 30 * 24 * 60 * MINUTE_MS;

/** Lambda's limits of the memory of a function, in MB. */
const MEMORY = { kind: 'whole', from: 128, to: 10_240 };
/** The most invocations at once that Lambda takes for a queue. */
const CONCURRENCY = { kind: 'whole', from: 2, to: 1_000 };
const RESERVED = { kind: 'whole', from: 0, to: 1_000, default: 0 };
/** API Gateway refuses a limit that is no number. With 0 it refuses every request. */
const REQUESTS = { kind: 'number', from: 0.01, to: 10_000 };
const BURST = { kind: 'whole', from: 1, to: 10_000 };

exports.SETTINGS = {
  // ---- Volcengine
  volcengineEndpoint: {
    group: 'Volcengine',
    kind: 'text',
    pattern: '^(by-region|https?://[^/ ]+)$',
    must: 'by-region, or http(s)://host[:port]',
    default: 'by-region',
    variable: 'VOLCENGINE_ENDPOINT',
    description:
      'by-region, the host that Volcengine has for the call. Or one URL without a path, for everything.',
    more: '[Hosts](../guides/accounts.md#hosts-and-regions).',
  },
  volcengineRegion: {
    group: 'Volcengine',
    kind: 'text',
    pattern: '^[a-z]{2}-[a-z0-9-]{1,40}$',
    must: 'a region such as cn-beijing',
    default: 'cn-beijing',
    variable: 'VOLCENGINE_REGION',
    description: 'The region of requests that name none.',
  },
  volcengineAccounts: {
    group: 'Volcengine',
    kind: 'json',
    default: 'by-stage',
    byStage: '{"default":{"secretId":"flow-log-activator/<stage>/default"}}',
    variable: 'VOLCENGINE_ACCOUNTS',
    description:
      'JSON, the accounts by alias. by-stage is one account, default, with its keys in the secret flow-log-activator/<stage>/default.',
    more: '[Accounts](#accounts).',
  },
  configurationSource: {
    group: 'Volcengine',
    kind: 'choice',
    values: ['by-stage', 'off'],
    default: 'by-stage',
    byStage: 'ssm:/flow-log-activator/<stage>',
    variable: 'CONFIGURATION_SOURCE',
    description:
      'Where more accounts, and the policies, are stored. by-stage is Parameter Store, below /flow-log-activator/<stage>. off: nowhere.',
    more: '[Accounts that are stored](../guides/accounts.md#accounts-that-are-stored).',
  },
  volcengineTimeoutMs: {
    group: 'Volcengine',
    kind: 'whole',
    from: 100,
    to: 15_000,
    default: 5_000,
    variable: 'VOLCENGINE_TIMEOUT_MS',
    description: 'The most that one call may take.',
  },
  ratePerSecond: {
    group: 'Volcengine',
    kind: 'number',
    from: 0.01,
    to: 100_000,
    default: 4,
    variable: 'RATE_LIMIT_PER_SECOND',
    description: 'Calls to Volcengine per second and account, from all functions together.',
    more: '[The quota](../architecture.md#the-quota).',
  },
  allowDeactivation: {
    group: 'Volcengine',
    kind: 'boolean',
    default: false,
    variable: 'ALLOW_DEACTIVATION',
    description:
      'true: flow logs may be switched off too, with keys that may vpc:DeactiveFlowLog. While it is false each such request gets 403.',
    more: '[Deactivate](../guides/deactivate.md).',
  },

  // ---- Time
  requeueAfterMs: {
    group: 'Time',
    kind: 'whole',
    from: 1_000,
    to: 43_200_000,
    default: 180_000,
    variable: 'REQUEUE_AFTER_MS',
    description:
      'After this time without progress the poller requeues a job. Not below the visibility timeout of the work queue, 180000.',
  },
  retryBaseMs: {
    group: 'Time',
    kind: 'whole',
    from: 1,
    to: MAX_DELAY_MS,
    default: 1_000,
    variable: 'RETRY_BASE_MS',
    description: 'The backoff between two tries of a call starts here.',
  },
  retryCapMs: {
    group: 'Time',
    kind: 'whole',
    from: 1,
    to: MAX_DELAY_MS,
    default: MAX_DELAY_MS,
    variable: 'RETRY_CAP_MS',
    description: 'The backoff never exceeds this. SQS allows no more than 15 minutes.',
  },
  holdRetryMs: {
    group: 'Time',
    kind: 'whole',
    from: 1_000,
    to: MAX_DELAY_MS,
    default: 5 * MINUTE_MS,
    variable: 'HOLD_RETRY_MS',
    description:
      'How rarely a call is tried again while credentials, permissions or the endpoint are refused, give or take a quarter.',
  },
  activationDeadlineMs: {
    group: 'Time',
    kind: 'whole',
    from: 1_000,
    to: MONTH_MS,
    default: 24 * 60 * MINUTE_MS,
    variable: 'ACTIVATION_DEADLINE_MS',
    description: 'How long an activation may take, from requested to Active.',
  },
  pendingDeadlineMs: {
    group: 'Time',
    kind: 'whole',
    from: 1_000,
    to: MONTH_MS,
    default: 30 * MINUTE_MS,
    variable: 'PENDING_DEADLINE_MS',
    description: 'How long it may take from accepted to Active.',
  },
  replicaLagMs: {
    group: 'Time',
    kind: 'whole',
    from: 0,
    to: 600_000,
    default: MINUTE_MS,
    variable: 'REPLICA_LAG_MS',
    description:
      'How old the state may be that DescribeFlowLogs shows. A deadline is enforced, and an absence believed, only after this time.',
  },
  pollTickMs: {
    group: 'Time',
    kind: 'whole',
    from: 50,
    to: 30_000,
    default: 5_000,
    variable: 'POLL_TICK_MS',
    description:
      'The time between two ticks of the poller while something is due. It ticks each second for an account with few pending activations and an idle quota.',
    more: 'What has been pending for 5 min is asked about every 30 s.',
  },

  // ---- Functions
  workerConcurrency: {
    group: 'Functions',
    ...CONCURRENCY,
    default: 2,
    description:
      'Workers at once. They share the quota of each account, so that more of them call no faster.',
  },
  workerMemory: {
    group: 'Functions',
    ...MEMORY,
    default: 256,
    description: 'In MB. A worker mostly waits. With 256 it makes up to 55 calls per second.',
  },
  pollerMemory: {
    group: 'Functions',
    ...MEMORY,
    default: 512,
    description: 'In MB. 512 suffices for about 160 activations per second, 1024 for 320, 1769 for 550.',
    more: '[Scale](../scale.md).',
  },
  architecture: {
    group: 'Functions',
    kind: 'choice',
    values: ['arm64', 'x86_64'],
    default: 'arm64',
    description: 'The processor of all functions. x86_64 where a region has no other.',
  },
  reservedConcurrencyPollActivations: {
    group: 'Functions',
    ...RESERVED,
    description: 'Invocations of the poller that are reserved, and the most at once. 0 reserves none.',
    more: '[Floods](../scale.md#floods).',
  },
  reservedConcurrencyActivateFlowLog: {
    group: 'Functions',
    ...RESERVED,
    description: 'The same for the worker. Not below workerConcurrency, if not 0.',
  },
  reservedConcurrencyReceiveWebhook: {
    group: 'Functions',
    ...RESERVED,
    description: 'The same for webhooks in.',
  },

  // ---- Schedules
  driftCheckEnabled: {
    group: 'Schedules',
    kind: 'boolean',
    default: true,
    description:
      'Whether completed flow logs are checked again. An event reports each that is no longer Active.',
    more: '[Drift checks](../guides/operate.md#drift-checks).',
  },
  driftCheckRate: {
    group: 'Schedules',
    kind: 'schedule',
    default: 'rate(1 hour)',
    description: 'How often they are checked.',
  },
  scheduledBatchEnabled: {
    group: 'Schedules',
    kind: 'boolean',
    default: false,
    description: 'Whether a schedule activates what its selector matches.',
    more: '[The schedule](../guides/batches.md#the-schedule-of-the-stack).',
  },
  scheduledBatchRate: {
    group: 'Schedules',
    kind: 'schedule',
    default: 'cron(0 1 * * ? *)',
    description: 'When it does, in UTC.',
  },
  scheduledBatchSelector: {
    group: 'Schedules',
    kind: 'json',
    default: '{}',
    description: 'JSON, the selector of the schedule.',
  },
  scheduledBatchDryRun: {
    group: 'Schedules',
    kind: 'boolean',
    default: true,
    description: 'With true it only publishes an event that says what it would activate.',
  },

  // ---- Webhooks
  webhookSources: {
    group: 'Webhooks',
    kind: 'json',
    default: '{}',
    variable: 'WEBHOOK_SOURCES',
    description: 'JSON, who may send webhooks. With none, every source is 404.',
    more: '[Webhooks in](../guides/webhooks-in.md).',
  },
  webhookEndpoints: {
    group: 'Webhooks',
    kind: 'json',
    default: '{}',
    variable: 'WEBHOOK_ENDPOINTS',
    description:
      'JSON, the endpoints that events are sent to. Events published while there is none are never sent.',
    more: '[Webhooks out](../guides/webhooks-out.md).',
  },
  webhookTimeoutMs: {
    group: 'Webhooks',
    kind: 'whole',
    from: 100,
    to: 15_000,
    default: 10_000,
    variable: 'WEBHOOK_TIMEOUT_MS',
    description: 'The most that one attempt at an endpoint may take.',
  },
  webhookRetryBaseMs: {
    group: 'Webhooks',
    kind: 'whole',
    from: 1,
    to: MAX_DELAY_MS,
    default: 2_000,
    variable: 'WEBHOOK_RETRY_BASE_MS',
    description: 'The backoff between attempts at an endpoint starts here.',
  },
  webhookConcurrency: {
    group: 'Webhooks',
    ...CONCURRENCY,
    default: 5,
    description: 'Batches of webhooks that are sent at once.',
  },

  // ---- HTTP API
  throttlingWebhooksRate: {
    group: 'HTTP API',
    ...REQUESTS,
    default: 20,
    description: 'Requests per second for webhooks. More get 429 from API Gateway and reach no function.',
  },
  throttlingWebhooksBurst: {
    group: 'HTTP API',
    ...BURST,
    default: 40,
    description: 'The burst above that.',
  },
  throttlingOpenRate: {
    group: 'HTTP API',
    ...REQUESTS,
    default: 5,
    description: 'The same for each of GET /healthz and GET /openapi.json, which anybody may call.',
  },
  throttlingOpenBurst: {
    group: 'HTTP API',
    ...BURST,
    default: 10,
    description: 'The burst above that.',
  },
  throttlingSignedRate: {
    group: 'HTTP API',
    ...REQUESTS,
    default: 100,
    description: 'The same for each other route. They need a signature of IAM.',
  },
  throttlingSignedBurst: {
    group: 'HTTP API',
    ...BURST,
    default: 200,
    description: 'The burst above that.',
  },

  // ---- Data
  tableDeletionProtection: {
    group: 'Data',
    kind: 'boolean',
    default: true,
    description:
      'While this is true nobody can delete the table by hand. A stack that is removed keeps it anyway.',
  },
  logRetentionDays: {
    group: 'Data',
    kind: 'choice',
    values: [
      1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 2192, 2557, 2922, 3288, 3653,
    ],
    default: 30,
    description: 'How long the logs are kept.',
  },
  archiveDays: {
    group: 'Data',
    kind: 'whole',
    from: 0,
    to: 36_500,
    default: 30,
    description: 'How long the archive keeps the events. 0 is for ever.',
  },
};
