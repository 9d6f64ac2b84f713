import { given, take } from '../../http/api.ts';
import type { FlowLogActivator } from '../../http/client.ts';
import { printable } from '../../terminal/printable.ts';
import { type Context, defineCommand, EXIT, type ExitStatus } from '../command.ts';
import { explain } from '../failures.ts';

/** AWS refuses a signature that is older. */
const SKEW_LIMIT_MS = 5 * 60_000;

/** `mend`: it is wrong, and this is what to do, unless `found` says so. */
type Found = { found: string; mend?: string };
type Finding = Found & { check: string };

export const doctor = defineCommand({
  name: 'doctor',
  group: 'Operate',
  summary: 'check step by step that everything is set up, and say what to mend',
  about:
    'Changes nothing. The exit status is 0 if all is well, 4 if the service cannot be used, 1 for the rest.',
  examples: [
    ['', 'the local world'],
    ['--stage prod', 'a deployed service: your credentials, your rights, the clock, its accounts'],
  ],
  async run(context) {
    const { out } = context;
    const findings: Finding[] = [];
    let status: ExitStatus = EXIT.ok;
    for (const { check, look, isNeeded } of STEPS) {
      const finding = await look(context).catch((error: unknown) => failureOf(context, error));
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

/** In this order: without one that is needed, the next ones make no sense. */
const STEPS: { check: string; isNeeded: boolean; look(context: Context): Promise<Found | undefined> }[] = [
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
    look: async ({ connect }) => ({ found: await versionOf(await connect()) }),
  },
  { check: 'clock', isNeeded: false, look: async ({ connect }) => clockOf(await connect()) },
  {
    check: 'rights',
    isNeeded: true,
    async look({ connect }) {
      await take((await connect()).activations({ limit: 1 }), 1);
      return { found: 'we may call the service' };
    },
  },
  { check: 'accounts', isNeeded: false, look: accountsOf },
];

async function failureOf({ address }: Context, error: unknown): Promise<Found> {
  const isLocal = await address().then(
    (found) => found.isLocal,
    () => false,
  );
  const [found = 'failed', ...mend] = explain(error, isLocal).lines;
  return { found, mend: mend.join(' ') };
}

async function versionOf({ api }: FlowLogActivator): Promise<string> {
  const { data } = await api.GET('/openapi.json');
  const { info } = given(data) as { info?: { version?: unknown } };
  return `version ${String(info?.version ?? 'unknown')}`;
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

/** What Volcengine refuses shows in the activations on hold. */
async function accountsOf({ connect, typed }: Context): Promise<Found> {
  const { activations } = await connect();
  const held = await take(activations({ held: 'true', limit: 200 }), 200);
  if (held.length === 0)
    return { found: 'nothing is on hold: Volcengine accepts credentials and permissions' };
  const causes = new Set(held.map((one) => `${one.account}: ${one.held?.code ?? 'unknown'}`));
  return {
    found: `${held.length} on hold: ${[...causes].join(', ')}`,
    mend: `Mend the secret or the policy of the account. More: ${typed('failures')}`,
  };
}
