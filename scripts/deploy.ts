import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { parserOptions, readCommandLine, reportFailure } from '../clients/terminal/command-line.ts';
import { buildFunctions } from './build.ts';
import { checkPackage } from './check-package.ts';
import { OSLS_COMMAND, PROJECT_DIR, runOslsPackage } from './osls.ts';
import { oslsOptions } from './osls-options.ts';
import { checkStageVariable, stageOption } from './stage-option.ts';

const DEPLOY_OPTIONS = { ...oslsOptions('deploy'), stage: { ...stageOption, short: 's' } };
const PACKAGE_OPTIONS = oslsOptions('package');

/**
 * Builds, packages and checks the configuration. Deploys only if nothing is wrong. Its arguments are those of `osls
 * deploy`.
 */
async function main(): Promise<void> {
  const { values } = readCommandLine({
    command: 'npm run deploy',
    about: `Builds and packages the functions, checks the whole configuration, and deploys it with osls if nothing is wrong.
Its options are those of osls deploy. Without them the stage is $STAGE, or dev, and the region $AWS_REGION, or
ap-southeast-1.`,
    options: DEPLOY_OPTIONS,
    examples: ['', '--stage prod --region eu-central-1'],
  });
  if (values.stage === undefined) checkStageVariable(process.env);
  const args = process.argv.slice(2);
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

/** Returns the same stage, region and parameters, so that what is checked is what is deployed. */
function packageArguments(args: string[]): string[] {
  const { tokens } = parseArgs({
    args,
    strict: false,
    tokens: true,
    options: parserOptions(DEPLOY_OPTIONS),
  });
  const dropped = new Set(
    tokens.flatMap((token) => {
      if (token.kind !== 'option') return [];
      // For `package` this is where the result goes, for `deploy` where it comes from.
      if (token.name !== 'package' && Object.hasOwn(PACKAGE_OPTIONS, token.name)) return [];
      return token.inlineValue === false ? [token.index, token.index + 1] : [token.index];
    }),
  );
  return args.filter((_arg, index) => !dropped.has(index));
}

await main().catch(reportFailure);
