import type { components } from '../../../contracts/openapi.d.ts';
import { given } from '../../http/api.ts';
import type { FlowLogActivator } from '../../http/client.ts';
import { WHAT_NOW_DESCRIBE_REFUSED, whatNowHeld } from '../../http/what-now.ts';
import { printable } from '../../terminal/printable.ts';
import { type Context, defineCommand, EXIT, type ExitStatus } from '../command.ts';
import { accountStateOf, configurationFact } from '../configuration-facts.ts';
import type { Aws, Deployment } from '../deployment.ts';
import { shortTime } from '../describe.ts';
import { explain } from '../failures.ts';

type Deployed = typeof import('../deployment.ts');

/** AWS refuses a signature that is older. */
const SKEW_LIMIT_MS = 5 * 60_000;
/** `lastTickAt` may be 15 minutes old while nothing is due. */
const TICK_LIMIT_MS = 17 * 60_000;

/** `mend`: it is wrong, and this is what to do, unless `found` says so. */
type Found = { found: string; mend?: string };
type Report = components['schemas']['StatusReport'];
type Finding = Found & { check: string };

export const doctor = defineCommand({
  name: 'doctor',
  group: 'Operate',
  summary: 'check step by step that everything is set up, and say what to mend',
  about:
    'Changes nothing. The exit status is 0 if all is well, 4 if the service cannot be used, 1 for the rest.',
  examples: [
    ['', 'the local world'],
    [
      '--stage prod',
      'a deployed service: your rights, the clock, its accounts, missing secrets, alarms that nobody hears',
    ],
  ],
  async run(context) {
    const { out } = context;
    let report: Promise<Report> | undefined;
    const look: Look = {
      ...context,
      report: () => {
        report ??= readReport(context);
        return report;
      },
    };
    const findings: Finding[] = [];
    let status: ExitStatus = EXIT.ok;
    for (const { check, isNeeded, ...step } of STEPS) {
      const finding = await step.look(look).catch((error: unknown) => failureOf(context, error));
      if (finding === undefined) continue;
      findings.push({ check, ...finding });
      const mark = finding.mend === undefined ? out.paint('green', '✓') : out.paint('red', '✗');
      out.print(`${mark} ${check.padEnd(9)}  ${printable(finding.found)}`);
      if (finding.mend === undefined) continue;
      if (finding.mend !== '') out.prose(`${finding.mend}`);
      status = isNeeded ? EXIT.noService : EXIT.failed;
      if (isNeeded) break;
    }
    out.value({ findings });
    return status;
  },
});

type Look = Context & {
  /** Asked once. */
  report(): Promise<Report>;
};
type Step = { check: string; isNeeded: boolean; look(look: Look): Promise<Found | undefined> };

/** In this order: without one that is needed, the next ones make no sense. */
const STEPS: Step[] = [
  {
    check: 'service',
    isNeeded: true,
    async look({ address }) {
      const { url, foundBy } = await address();
      return { found: `${url}, by ${foundBy}` };
    },
  },
  {
    check: 'who am I',
    isNeeded: true,
    async look({ address }) {
      const found = await address();
      if (found.isLocal) return undefined;
      const { callerArn } = await import('../deployed.ts');
      return { found: await callerArn(found) };
    },
  },
  {
    check: 'reachable',
    isNeeded: true,
    async look({ connect }) {
      const { data } = await (await connect()).api.GET('/healthz');
      return { found: `it says ${given(data).status}` };
    },
  },
  { check: 'clock', isNeeded: false, look: async ({ connect }) => clockOf(await connect()) },
  {
    check: 'rights',
    isNeeded: true,
    look: async ({ report }) => rightsOf(await report()),
  },
  { check: 'poller', isNeeded: false, look: async ({ report }) => pollerOf(await report()) },
  { check: 'bus', isNeeded: false, look: async ({ report }) => busOf(await report()) },
  { check: 'stored', isNeeded: false, look: async ({ report }) => storedOf(await report()) },
  { check: 'accounts', isNeeded: false, look: accountsOf },
  { check: 'parts', isNeeded: false, look: ofDeployment(({ partsOf }, deployment) => partsOf(deployment)) },
  {
    check: 'secrets',
    isNeeded: false,
    look: ofDeployment(({ secretsOf }, deployment, aws) => secretsOf(deployment, aws)),
  },
  {
    check: 'alarms',
    isNeeded: false,
    look: ofDeployment(({ listenersOf }, deployment, aws) => listenersOf(deployment, aws)),
  },
];

/** A look at what a deployed stage was set up with. Without `--stage` there is none. */
function ofDeployment(
  look: (
    module: Deployed,
    deployment: Deployment,
    aws: Aws,
  ) => Promise<Found | undefined> | Found | undefined,
): Step['look'] {
  return async ({ address }) => {
    const found = await address();
    if (found.stage === undefined) return undefined;
    const module = await import('../deployment.ts');
    const [deployment, aws] = await Promise.all([
      module.readDeployment(found.stage, found),
      module.awsOf(found),
    ]);
    return look(module, deployment, aws);
  };
}

async function readReport({ connect }: Context): Promise<Report> {
  return given((await (await connect()).api.GET('/status')).data);
}

async function failureOf({ address }: Context, error: unknown): Promise<Found> {
  const isLocal = await address().then(
    (found) => found.isLocal,
    () => false,
  );
  const [found = 'failed', ...mend] = explain(error, isLocal).lines;
  return { found, mend: mend.join(' ') };
}

async function clockOf({ api }: FlowLogActivator): Promise<Found> {
  const { response } = await api.GET('/healthz');
  const date = response.headers.get('date');
  const skewMs = date === null ? 0 : Date.now() - Date.parse(date);
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  const found = seconds < 2 ? 'as that of the service' : `${seconds} s ${skewMs > 0 ? 'ahead' : 'behind'}`;
  const isWrong = Math.abs(skewMs) > SKEW_LIMIT_MS;
  return {
    found,
    ...(isWrong && { mend: 'Set the clock of this machine: AWS refuses signatures of another time.' }),
  };
}

/** An older service does not say whether it takes deactivations. */
function rightsOf({ api, deactivation }: Omit<Report, 'deactivation'> & Partial<Report>): Found {
  const found = `we may call it: version ${api.version}`;
  if (deactivation === undefined) return { found };
  return { found: `${found}, deactivations are ${deactivation.allowed ? 'allowed' : 'not allowed'}` };
}

function pollerOf({ at, poller: { lastTickAt } }: Report): Found {
  if (lastTickAt === undefined) return { found: 'no tick yet' };
  const ageMs = Date.parse(at) - Date.parse(lastTickAt);
  const found = `last tick ${shortTime(ageMs)} ago`;
  if (ageMs < TICK_LIMIT_MS) return { found };
  return {
    found,
    mend: 'The poller does not run. Look at its alarms and its log: docs/reference/alarms.md.',
  };
}

function busOf({ bus: { state } }: Report): Found {
  if (state === 'ok' || state === 'unknown') return { found: state };
  const mend = {
    missing: 'There is no such bus: deploy again. Events wait meanwhile, none is lost.',
    refused: 'The functions may not see the bus: compare their roles with the template, or deploy again.',
  };
  return { found: state, mend: mend[state] };
}

function storedOf({ configuration }: Report): Found {
  const found = configurationFact(configuration);
  const { failure, disabled } = configuration;
  if (disabled.length > 0) {
    return {
      found,
      mend: 'Correct these entries: docs/guides/accounts.md, docs/guides/policies.md. They are read again within a minute.',
    };
  }
  if (failure === undefined) return { found };
  return {
    found,
    mend: 'Its accounts and policies cannot be read. Is it there, and may the functions read it?',
  };
}

async function accountsOf(look: Look): Promise<Found> {
  const { accounts, configuration } = await look.report();
  const held = accounts.filter(({ state }) => state === 'held');
  if (held.length === 0) {
    const states = accounts.map((one) => `${one.account} ${accountStateOf(one, configuration)}`);
    return { found: states.join(', ') };
  }
  const found = held.map(({ account, code, since }) => `${account} held since ${since}: ${code}`).join(', ');
  const mend = new Set(await Promise.all(held.map((one) => mendOf(look, one))));
  return { found, mend: `${[...mend].join(' ')} Then: ${look.typed('retry --held')}` };
}

/** What to mend, by the last error of one of the activations that are on hold. */
async function mendOf({ connect }: Look, { account, action }: Report['accounts'][number]): Promise<string> {
  if (action === 'DescribeFlowLogs') return WHAT_NOW_DESCRIBE_REFUSED;
  const query = { held: 'true', account, limit: 1 } as const;
  const { activations } = given(
    (await (await connect()).api.GET('/activations', { params: { query } })).data,
  );
  return whatNowHeld(activations[0]?.lastError?.message);
}
