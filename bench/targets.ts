type Bound = { atMost: number } | { atLeast: number };

/** `figure` is the name that a bench reports it under; exactly one of `atMost` and `atLeast`. */
export type Target = {
  figure: string;
  what: string;
  against: string;
  unit: string;
  /** What it hangs on, where it is known to be missed. */
  ifMissed?: string;
} & Bound;

const POLLER_SHARE_IS_SMALL =
  'At 4 a second the poller’s fifth is 0.8 calls a second: 4 calls or 400 flow logs a tick, so that 1,000 of one account take two and a half ticks to ask about. 400 pending, or a rate of 10, would meet it.';
const ONE_BY_ONE =
  'At this rate per-account pacing delivers a job every 360 ms, and each is received, invoked for and deleted by itself. Jobs sent at once come by tens, with 0.3 requests, but wait for tokens in the worker: $2.5 a million more in all, and 3 instead of 71 activations a second for 100 accounts.';
const REQUEUED =
  'Two workers take six minutes for 100,000; jobs that have waited in the queue for three are requeued.';
const RATE =
  'At 4 a second a million takes 99 hours, in which the poller ticks ($1.7 more than with the rate lifted), jobs come one by one ($2.3 more for invocations, waits, requests and log lines), and batches are checked more often ($0.5 of reads).';

const ITEMS =
  'One execution for a request keeps 1,000 flow logs in 62 checkpoints. We write an item for each, which the next request joins and which can be read, listed, cancelled and redriven: table, indexes and queue are $10 of $16.7. The poller, $2.0, waits for the flow logs of all requests at once; here it waits for one.';
const SECOND_50 =
  'The last tick of the poller’s invocation begins at second 50, the next one’s first at second 60. Who is Active in between waits up to 10 s.';

const BARE = 'the same calls made bare';
const STANDARD = 'a job poller of Step Functions Standard';
const EXPRESS = 'a job poller of Step Functions Express';

function signing(action: string, what: string, atLeast: number): Target[] {
  const signers = {
    'sdk-core': 'signRequest of @volcengine/sdk-core',
    openapi: 'Signer of @volcengine/openapi',
  };
  return Object.entries(signers).map(([name, signer]) => ({
    figure: `signing/${action}/${name}`,
    what: `CPU of signing ${what}`,
    against: `${signer}, theirs ÷ ours`,
    unit: '×',
    atLeast,
  }));
}

function client(quantity: 'cpu' | 'rate', latency: '0ms' | '20ms', bound: Bound): Target[] {
  const what = quantity === 'cpu' ? 'CPU of a signed ActiveFlowLog' : 'rate of signed ActiveFlowLog';
  const inWords = latency === '0ms' ? 'near-zero latency' : '20 ms latency';
  return [10, 50].map((atOnce) => ({
    figure: `client/${quantity}/limit/${latency}/${atOnce}`,
    what: `${what}, ${atOnce} at once, ${inWords}`,
    against: 'the limit: unsigned Pool.request of undici',
    unit: '×',
    ...bound,
  }));
}

function growth(name: string, what: string, atMost: number, ifMissed?: string): Target {
  return {
    figure: `growth/${name}`,
    what: `growth of ${what} from 100 to 100,000 activations`,
    against: 'linear',
    unit: 'exponent',
    atMost,
    ...(ifMissed !== undefined && { ifMissed }),
  };
}

/** What is finished must cost an idle tick nothing, and what waits no call and no read in vain. */
function idleTick(kind: 'queued' | 'pending'): Target[] {
  const row = (name: string, what: string, unit: string, against = '–'): Target => ({
    figure: `idle-tick/${kind}/${name}`,
    what,
    against,
    unit,
    atMost: 0,
  });
  const finished = `1,000 ${kind}, with 100,000 finished`;
  const itself = 'itself with none finished';
  return [
    row('requests', `DynamoDB requests of an idle tick, ${finished}`, 'more', itself),
    row('items-growth', `items read by an idle tick, ${finished}`, 'more', itself),
    row('items-read', `items read by an idle tick that need no work, 1,000 ${kind}`, 'items'),
    row('calls', `Volcengine calls of an idle tick, 1,000 ${kind}`, 'calls'),
  ];
}

function latency(name: string, rate: string, ifMissed?: string): Target[] {
  const row = (where: 'within' | 'across', quantile: 'median' | 'p99', atMost: number): Target => ({
    figure: `latency/${name}/${where}/${quantile}`,
    what: `${quantile} from Active to event, 1,000 pending, ${rate}, ${where === 'within' ? 'within an invocation' : 'across the minute'}`,
    against: 'POLL_TICK_MS of 5 s',
    unit: 'ticks',
    atMost,
    ...(ifMissed !== undefined && { ifMissed }),
  });
  return [row('within', 'median', 0.6), row('within', 'p99', 1.2), row('across', 'p99', 2)];
}

type DurableColumn = 'calls' | 'usd' | 'p99' | 'last';
const DURABLE = {
  each: 'a Lambda durable execution for each flow log',
  request: 'one Lambda durable execution for the request',
};

function durable(
  column: DurableColumn,
  variant: keyof typeof DURABLE,
  atMost: number,
  ifMissed?: string,
): Target {
  const what = {
    calls: 'calls of Volcengine for an activation',
    usd: 'money for an activation',
    p99: 'p99 from Active to event',
    last: 'time until the last event',
  };
  return {
    figure: `durable/1000/${column}-to-${variant}`,
    what: `${what[column]}, a request of 1,000, 4 a second`,
    against: DURABLE[variant],
    unit: '×',
    atMost,
    ...(ifMissed !== undefined && { ifMissed }),
  };
}

/** What the figures are held to. A figure that is missed is printed as missed. */
export const TARGETS: readonly Target[] = [
  ...signing('ActiveFlowLog', 'ActiveFlowLog', 20),
  ...signing('DescribeFlowLogs', 'DescribeFlowLogs of 100 ids', 3),
  ...client('cpu', '0ms', { atMost: 1.2 }),
  ...client('cpu', '20ms', { atMost: 1.2 }),
  ...client('rate', '20ms', { atLeast: 0.95 }),
  {
    figure: 'client/rate/sdk-core/0ms/10',
    what: 'rate of signed ActiveFlowLog, 10 at once, near-zero latency',
    against: 'client of @volcengine/sdk-core',
    unit: '×',
    atLeast: 6,
  },
  {
    figure: 'worker/rate',
    what: 'rate of the worker, events of 10 records, services responding in 1 ms',
    against: BARE,
    unit: '×',
    atLeast: 0.85,
  },
  { figure: 'worker/cpu', what: 'CPU of the worker for a record', against: BARE, unit: '×', atMost: 1.3 },
  {
    figure: 'worker/calls',
    what: 'calls of the worker for a record, to DynamoDB, SQS and Volcengine',
    against: BARE,
    unit: '×',
    atMost: 1,
  },
  {
    figure: 'cold-start/whole',
    what: 'cold start, the whole process, worst function',
    against: 'a bundle of the same clients, built with the same options',
    unit: '×',
    atMost: 1.25,
  },
  {
    figure: 'cold-start/import',
    what: 'cold start, import alone, worst function',
    against: 'a bundle of the same clients, built with the same options',
    unit: '×',
    atMost: 1.6,
  },
  {
    figure: 'calls/lifted/ours',
    what: 'calls of Volcengine for an activation, rate limit lifted',
    against: '–',
    unit: 'calls',
    atMost: 1.05,
  },
  {
    figure: 'calls/limited/ours',
    what: 'calls of Volcengine for an activation, 4 a second',
    against: '–',
    unit: 'calls',
    atMost: 1.1,
  },
  {
    figure: 'calls/active/ours',
    what: 'calls of Volcengine for an activation, all Active already',
    against: '–',
    unit: 'calls',
    atMost: 1.02,
  },
  {
    figure: 'calls/lifted/provider',
    what: 'calls of the Terraform provider’s loop for an activation',
    against: '–',
    unit: 'calls',
    atLeast: 3,
  },
  growth('calls', 'Volcengine calls', 1.02),
  growth('dynamodb', 'DynamoDB requests', 1.02),
  growth('sqs', 'SQS requests', 1.02, REQUEUED),
  growth('cpu', 'CPU', 1.1),
  {
    figure: 'growth/wire',
    what: 'DynamoDB requests on the wire of dynalite, 100 and 1,000 activations',
    against: 'those counted at the table in memory',
    unit: '×',
    atMost: 1,
  },
  {
    figure: 'growth/tick-memory',
    what: 'live heap that a tick adds, 100,000 pending',
    against: '10,000 pending',
    unit: '×',
    atMost: 1.1,
  },
  ...idleTick('queued'),
  ...idleTick('pending'),
  {
    figure: 'wire/writes',
    what: 'DynamoDB writes for an activation, a request of 1,000',
    against: '5 of the design',
    unit: 'writes',
    atMost: 5.1,
  },
  {
    figure: 'wire/sqs',
    what: 'SQS requests for an activation, a request of 1,000, rate limit lifted',
    against: '0.3 of the design',
    unit: 'requests',
    atMost: 0.5,
  },
  {
    figure: 'money/limited/sqs',
    what: 'SQS requests for an activation, a request of 1,000, 4 calls a second',
    against: '0.3 of the design',
    unit: 'requests',
    atMost: 0.5,
    ifMissed: ONE_BY_ONE,
  },
  ...latency('lifted', 'rate limit lifted'),
  ...latency('limited', '4 calls a second', POLLER_SHARE_IS_SMALL),
  {
    figure: 'bundles/calling',
    what: 'largest bundle of those that call Volcengine or webhooks',
    against: '1,393 kB with esbuild’s default options',
    unit: 'kB',
    atMost: 900,
  },
  { figure: 'bundles/others', what: 'largest bundle of the others', against: '–', unit: 'kB', atMost: 400 },
  {
    figure: 'money/limited/standard',
    what: 'money for an activation, 4 calls a second',
    against: STANDARD,
    unit: '×',
    atMost: 0.2,
  },
  {
    figure: 'money/limited/express',
    what: 'money for an activation, 4 calls a second',
    against: EXPRESS,
    unit: '×',
    atMost: 0.5,
    ifMissed: RATE,
  },
  {
    figure: 'money/lifted/standard',
    what: 'money for an activation, rate limit lifted',
    against: STANDARD,
    unit: '×',
    atMost: 0.2,
  },
  {
    figure: 'money/lifted/express',
    what: 'money for an activation, rate limit lifted',
    against: EXPRESS,
    unit: '×',
    atMost: 0.5,
  },
  durable('calls', 'each', 0.5),
  durable('calls', 'request', 1.05),
  durable('usd', 'each', 0.5),
  durable('usd', 'request', 1, ITEMS),
  durable('p99', 'each', 1),
  durable('p99', 'request', 1, SECOND_50),
  durable('last', 'request', 1, SECOND_50),
];
