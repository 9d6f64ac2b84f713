import { stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { readCommandLine, reportFailure } from '../clients/terminal/command-line.ts';
import { buildWithinBudgets } from './build.ts';
import { PROJECT_DIR } from './osls.ts';
import { makeRelease, RELEASE_DIR } from './release.ts';
import { settingOptions, settingsOf } from './setting-options.ts';
import { checkStageVariable, stageOption } from './stage-option.ts';

const FOLDER = relative(PROJECT_DIR, RELEASE_DIR);

const PROGRAM = {
  command: 'npm run package',
  about: `Makes the folder of a release, without an account: ${FOLDER}/ has the CloudFormation template, a zip of each
function, checksums, SBOM and licences. Any pipeline deploys it, to any stage and region (docs/guides/deploy.md). The
stage and the settings that are given are the defaults of the template's parameters. Nothing is left there when they are
wrong.`,
  options: { stage: stageOption, ...settingOptions },
  examples: ['', '--stage prod --params prod.json'],
};

async function main(): Promise<void> {
  const { values } = readCommandLine(PROGRAM);
  if (values.stage === undefined) checkStageVariable(process.env);
  const settings = await settingsOf(PROGRAM, values);
  await buildWithinBudgets();
  const stage = values.stage ?? (process.env.STAGE || 'dev');
  console.log();
  for (const path of await makeRelease({ stage, settings })) {
    const { size } = await stat(join(RELEASE_DIR, path));
    console.log(`${join(FOLDER, path)} (${(size / 1000).toFixed(0)} kB)`);
  }
}

await main().catch(reportFailure);
