import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { buildFunctions } from './build.ts';
import { checkPackage } from './check-package.ts';
import { flag, readCommandLine, reportFailure, text } from './command-line.ts';
import { OSLS_COMMAND, PROJECT_DIR, runOslsPackage } from './osls.ts';

/** What `osls deploy` takes and `osls package` does not. */
const DEPLOY_ONLY = new Set(['conceal', 'force', 'aws-s3-accelerate', 'enforce-hash-update', 'package', 'p']);

const PROGRAM = {
  command: 'npm run deploy',
  about:
    'Builds and packages the functions, checks the whole configuration, and deploys it with osls if nothing is wrong.\n' +
    'Every option of `osls deploy` is passed on to it; these are the usual ones.',
  options: {
    stage: text({
      help: 'the stage, part of every name',
      value: 'NAME',
      fallback: undefined,
      byDefault: '$STAGE, or dev',
    }),
    region: text({
      help: 'the AWS region',
      value: 'REGION',
      fallback: undefined,
      byDefault: '$AWS_REGION, or ap-southeast-1',
    }),
    force: flag('deploys also what has not changed'),
  },
  examples: ['', '--stage prod --region eu-central-1'],
};

/** Builds, packages, checks the configuration, and deploys only what it finds right. Its arguments are those of `osls deploy`. */
async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) readCommandLine(PROGRAM);
  await packageAndCheck(args);
  const osls = spawn(process.execPath, [OSLS_COMMAND, 'deploy', ...args], {
    cwd: PROJECT_DIR,
    stdio: 'inherit',
  });
  const [exitCode] = await once(osls, 'exit');
  process.exitCode = exitCode ?? 1;
}

async function packageAndCheck(args: string[]): Promise<void> {
  await buildFunctions();
  const environment = process.env;
  await runOslsPackage({ cwd: PROJECT_DIR, arguments: packageArguments(args), environment });
  await checkPackage();
}

/** The same stage, region and parameters, so that what is checked is what will be deployed. */
function packageArguments(args: string[]): string[] {
  const { tokens } = parseArgs({
    args,
    strict: false,
    tokens: true,
    options: { package: { type: 'string', short: 'p' } },
  });
  const dropped = new Set(
    tokens.flatMap((token) => {
      if (token.kind !== 'option' || !DEPLOY_ONLY.has(token.name)) return [];
      return token.inlineValue === false ? [token.index, token.index + 1] : [token.index];
    }),
  );
  return args.filter((_arg, index) => !dropped.has(index));
}

await main().catch(reportFailure);
