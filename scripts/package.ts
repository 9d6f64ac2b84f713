import { glob, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readCommandLine, reportFailure } from '../clients/terminal/command-line.ts';
import { text } from '../clients/terminal/program.ts';
import { buildWithinBudgets } from './build.ts';
import { checkPackage } from './check-package.ts';
import { PROJECT_DIR, runOslsPackage, TEMPLATE_PATH } from './osls.ts';
import { parameterArguments, settingOptions, settingsOf } from './setting-options.ts';
import { checkStageVariable, stageOption } from './stage-option.ts';

const PROGRAM = {
  command: 'npm run package',
  about: `Makes all that a deployment uploads, without an account: the bundles, a zip of each, and the CloudFormation template,
in .serverless/. Nothing is left there when the configuration is wrong.`,
  options: {
    stage: stageOption,
    ...settingOptions,
    region: text({
      help: 'the region of AWS',
      value: 'name',
      byDefault: '$AWS_REGION, or ap-southeast-1',
      fallback: undefined,
      pattern: /^[a-z]{2}(-[a-z]+)+-\d$/,
      must: 'a region such as eu-west-1',
    }),
  },
  examples: ['--stage prod --region eu-west-1'],
};
const { values } = readCommandLine(PROGRAM);

async function main(): Promise<void> {
  if (values.stage === undefined) checkStageVariable(process.env);
  const settings = await settingsOf(PROGRAM, values);
  await buildWithinBudgets();
  const { stage, region } = values;
  const given = Object.entries({ stage, region }).flatMap(([name, value]) =>
    value ? [`--${name}`, value] : [],
  );
  await runOslsPackage({ cwd: PROJECT_DIR, arguments: [...given, ...parameterArguments(settings)] });
  await checkPackage();
  console.log(`\n${TEMPLATE_PATH}`);
  for (const path of (await Array.fromAsync(glob('.serverless/*.zip', { cwd: PROJECT_DIR }))).sort()) {
    const { size } = await stat(join(PROJECT_DIR, path));
    console.log(`${path} (${(size / 1000).toFixed(0)} kB)`);
  }
}

await main().catch(reportFailure);
