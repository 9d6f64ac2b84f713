import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { parserOptions, readCommandLine, reportFailure } from '../clients/terminal/command-line.ts';
import { buildFunctions } from './build.ts';
import { checkPackage } from './check-package.ts';
import { OSLS_COMMAND, PROJECT_DIR, runOslsPackage } from './osls.ts';
import { oslsOptions } from './osls-options.ts';
import { parameterArguments, settingOptions, settingsOf } from './setting-options.ts';
import { checkStageVariable, stageOption } from './stage-option.ts';

const DEPLOY_OPTIONS = {
  ...oslsOptions('deploy'),
  stage: { ...stageOption, short: 's' },
  ...settingOptions,
};
const PACKAGE_OPTIONS = oslsOptions('package');

const PROGRAM = {
  command: 'npm run deploy',
  about: `Builds and packages the functions, checks the whole configuration, and deploys it with osls if nothing is wrong.
Its options are those of osls deploy, and --params. Without them the stage is $STAGE, or dev, the region $AWS_REGION, or
ap-southeast-1, and each setting has its default, whatever it had before.`,
  options: DEPLOY_OPTIONS,
  examples: [
    '',
    '--stage prod --region eu-central-1 --params prod.json',
    '--stage prod --param ratePerSecond=10',
  ],
};

/**
 * Builds, packages and checks the configuration. Deploys only if nothing is wrong. Its arguments are those of `osls
 * deploy`.
 */
async function main(): Promise<void> {
  const { values } = readCommandLine(PROGRAM);
  if (values.stage === undefined) checkStageVariable(process.env);
  const settings = await settingsOf(PROGRAM, values);
  const args = [
    ...argumentsWithout((name) => Object.hasOwn(settingOptions, name), process.argv.slice(2)),
    ...parameterArguments(settings),
  ];
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
  // For `package` this is where the result goes, for `deploy` where it comes from.
  return argumentsWithout((name) => name === 'package' || !Object.hasOwn(PACKAGE_OPTIONS, name), args);
}

function argumentsWithout(isDropped: (name: string) => boolean, args: string[]): string[] {
  const { tokens } = parseArgs({
    args,
    strict: false,
    tokens: true,
    options: parserOptions(DEPLOY_OPTIONS),
  });
  const dropped = new Set(
    tokens.flatMap((token) => {
      if (token.kind !== 'option' || !isDropped(token.name)) return [];
      return token.inlineValue === false ? [token.index, token.index + 1] : [token.index];
    }),
  );
  return args.filter((_arg, index) => !dropped.has(index));
}

await main().catch(reportFailure);
