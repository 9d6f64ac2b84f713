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

const ITEMS =
  'One execution for a request keeps 1,000 flow logs in 62 checkpoints. We write an item for each, which the next request joins and which can be read, listed, cancelled and redriven: writes of the table and its indexes are $7.8 of $12.4, events $2.2, workers that wait for their tokens $0.7.';
const SHARED =
  'Jobs are planned for 0.94 of the rate: the quota is shared with calls for those pending, and with whoever else calls. An execution has it to itself.';
const LAST_HALF_MINUTE =
  'For the last half minute of a request few are pending and the quota is idle: they are described each second, which takes 20 calls. Each 2 s would take ten fewer, and events would come up to 2.1 s after Active.';
const ALSO_OPERATIONS =
  'The poller carries out operations, so its bundle has the redrive, the cancel and the retry, too.';
const ALSO_STATUS =
  'read-activations asks the queues and the bus for GET /status: that takes the clients of SQS and EventBridge.';
const LAST_IS_PENDING =
  'The last flow log is Pending for up to 30 s after its call, and nothing is left to call for meanwhile.';
const TEN_CALLS =
  'At this rate the calls of a tick take up to 1.5 s, and a tick begins 5 s after the one before. An execution asks again as soon as it may.';
const BUSY =
  'While jobs take 0.94 of the quota, up to seven calls for the pending ones share the rest with calls that are repeated, and some wait for the next tick.';
const POLLER_CPU =
  '512 MB have 0.29 of a processor, and an activation takes about 2.4 ms of one (1.8 ms in a quieter hour): two conditional writes of 0.45 ms each, two events, four looks. 1,280 MB (`pollerMemory`) would meet it.';
const LONG_POLLS =
  'Lambda asks each queue 15 times a minute, $0.26 a month, and jobs and ticks have a queue each: $0.53 of $0.57. All but $0.14 of it is free where the account uses little else.';
const WRITES =
  'Writes of the items and their indexes are $7.8 of $12.4, and cost the same at each rate. At 4 a second workers also wait for tokens ($0.7), and the poller’s looks and reads go on for 75 hours ($0.9).';

const GATHERS =
  'The records of an event wait 10 ms, so that all ask for their tokens in one write. Where services answer in 1 ms that shows.';
const READ_LATE =
  'On a loaded machine a record that is read more than 10 ms after the others takes its token with a write of its own: 7 calls in 10,000.';

const TICK_IS_FULL =
  'A tick takes up to 20,000 flow logs, and 10,000 do not fill it. With 100,000 it adds as much as with 20,000.';

const LOADED =
  'Measured on a machine that was busy with other work, as the spread shows; 1.166 (0.797–1.514) on a quieter one.';

const FEW_SHARE =
  'At 4 a second three or four jobs come together and share a write; the poller writes for its own calls.';

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

function latency(name: string, what: string, median: number, p99: number, ifMissed?: string): Target[] {
  const row = (quantile: 'median' | 'p99', atMost: number): Target => ({
    figure: `latency/${name}/${quantile}`,
    what: `${quantile} from Active to event, ${what}`,
    against: '–',
    unit: 's',
    atMost,
    ...(ifMissed !== undefined && { ifMissed }),
  });
  return [row('median', median), row('p99', p99)];
}

function scale(flowLogs: number, workers: number): Target {
  return {
    figure: `scale/${flowLogs}/${workers}/share`,
    what: `calls while jobs wait, 100 accounts of ${flowLogs}, ${workers} workers`,
    against: 'their quotas, 4 a second each',
    unit: '×',
    atLeast: 0.9,
  };
}

function quota(
  name: string,
  row: Pick<Target, 'what' | 'against' | 'unit' | 'ifMissed'>,
  atMost: number,
): Target {
  return { figure: `quota/${name}`, ...row, atMost };
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
    ifMissed: GATHERS,
  },
  { figure: 'worker/cpu', what: 'CPU of the worker for a record', against: BARE, unit: '×', atMost: 1.3 },
  {
    figure: 'worker/calls',
    what: 'calls of the worker for a record, to DynamoDB, SQS and Volcengine',
    against: BARE,
    unit: '×',
    atMost: 1,
    ifMissed: READ_LATE,
  },
  {
    figure: 'cold-start/whole',
    what: 'cold start, the whole process, worst function',
    against: 'a bundle of the same clients, built with the same options',
    unit: '×',
    atMost: 1.25,
    ifMissed: LOADED,
  },
  {
    figure: 'cold-start/import',
    what: 'cold start, import alone, worst function',
    against: 'a bundle of the same clients, built with the same options',
    unit: '×',
    atMost: 1.6,
  },
  {
    figure: 'command-start/whole',
    what: 'start of the command, the whole process',
    against: 'a process with the same client that makes the same call',
    unit: '×',
    atMost: 1.5,
  },
  {
    figure: 'calls/lifted/ours',
    what: 'calls of Volcengine for an activation, rate limit lifted',
    against: '–',
    unit: 'calls',
    atMost: 1.045,
  },
  {
    figure: 'calls/limited/ours',
    what: 'calls of Volcengine for an activation, 4 a second',
    against: '–',
    unit: 'calls',
    atMost: 1.072,
    ifMissed: LAST_HALF_MINUTE,
  },
  {
    figure: 'calls/active/ours',
    what: 'calls of Volcengine for an activation, all Active already',
    against: '–',
    unit: 'calls',
    atMost: 1.011,
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
  growth('sqs', 'SQS requests', 1.02),
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
    ifMissed: TICK_IS_FULL,
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
    what: 'SQS requests for an activation, the poller’s own included, a request of 1,000, 4 calls a second',
    against: '–',
    unit: 'requests',
    atMost: 0.8,
  },
  ...latency('1', '1 pending, quota idle', 1, 2),
  ...latency('20', '20 pending, quota idle', 1, 2),
  ...latency('80', '80 pending, quota idle', 1, 2),
  ...latency('arriving', '1,000 accepted at 4 a second', 3, 6, BUSY),
  ...latency('limited', '1,000 pending of one account, 4 a second', 3, 6, TEN_CALLS),
  ...latency('lifted', '1,000 pending, rate limit lifted', 3, 6),
  scale(100, 8),
  scale(100, 20),
  scale(300, 8),
  scale(300, 20),
  quota(
    'last-call',
    { what: 'time until the last call of 1,000, 4 a second', against: 'the calls ÷ 4 a second', unit: '×' },
    1.1,
  ),
  quota(
    'last-event',
    {
      what: 'time until the last event of 1,000, 4 a second',
      against: 'the calls ÷ 4 a second',
      unit: '×',
      ifMissed: LAST_IS_PENDING,
    },
    1.1,
  ),
  quota(
    'ten-to-one',
    { what: 'time until the last call of ten requests of 100', against: 'one request of 1,000', unit: '×' },
    1.02,
  ),
  quota(
    'neighbour',
    {
      what: 'time until the last call of ten flow logs, beside 1,000 of another account',
      against: '–',
      unit: 's',
    },
    5,
  ),
  quota(
    'writes',
    {
      what: 'writes of the quota for a call, 1,000, 4 a second',
      against: '–',
      unit: 'writes',
      ifMissed: FEW_SHARE,
    },
    0.3,
  ),
  quota(
    'throttled',
    {
      what: 'calls answered 429, a limit of 4 a second, 20 workers, two pollers',
      against: 'all calls',
      unit: '%',
    },
    1,
  ),
  quota(
    'throttled-clocks',
    { what: 'the same, clocks that differ by up to 2 s', against: 'all calls', unit: '%' },
    1,
  ),
  {
    figure: 'bundles/calling',
    what: 'largest bundle of those that call Volcengine or webhooks',
    against: '1,393 kB with esbuild’s default options',
    unit: 'kB',
    atMost: 900,
    ifMissed: ALSO_OPERATIONS,
  },
  {
    figure: 'bundles/others',
    what: 'largest bundle of the others',
    against: '–',
    unit: 'kB',
    atMost: 400,
    ifMissed: ALSO_STATUS,
  },
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
    ifMissed: WRITES,
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
  {
    figure: 'money/idle/ours',
    what: 'an idle month, what the service costs',
    against: '–',
    unit: 'USD',
    atMost: 0.5,
    ifMissed: LONG_POLLS,
  },
  {
    figure: 'poller/per-second',
    what: 'activations a second that the poller’s processor ends, 512 MB',
    against: '–',
    unit: '1/s',
    atLeast: 300,
    ifMissed: POLLER_CPU,
  },
  durable('calls', 'each', 0.5),
  durable('calls', 'request', 1.05),
  durable('usd', 'each', 0.5),
  durable('usd', 'request', 1, ITEMS),
  durable('p99', 'each', 1),
  durable('p99', 'request', 1, TEN_CALLS),
  durable('last', 'request', 1, SHARED),
];
