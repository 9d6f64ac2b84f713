import { glob, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildWithinBudgets } from './build.ts';
import { readCommandLine, reportFailure, text } from './command-line.ts';
import { parseTemplate } from './compile-template.ts';
import { PROJECT_DIR, runOslsPackage, TEMPLATE_PATH } from './osls.ts';
import { findUnreadableSecrets } from './secret-access.ts';

const { values } = readCommandLine({
  command: 'npm run package',
  about: `Makes all that a deployment uploads, without an account: the bundles, a zip of each, and the CloudFormation template,
in .serverless/.`,
  options: {
    stage: text({
      help: 'part of every name',
      value: 'name',
      byDefault: '$STAGE, or dev',
      fallback: undefined,
      pattern: /^[A-Za-z][A-Za-z0-9-]*$/,
      must: 'letters, digits and hyphens, with a letter first',
    }),
    region: text({
      help: 'of AWS',
      value: 'name',
      byDefault: '$AWS_REGION, or ap-southeast-1',
      fallback: undefined,
      pattern: /^[a-z]{2}(-[a-z]+)+-\d$/,
      must: 'a region such as eu-west-1',
    }),
  },
  examples: ['--stage prod --region eu-west-1'],
});

async function main(): Promise<void> {
  await buildWithinBudgets();
  const given = Object.entries(values).flatMap(([name, value]) => (value ? [`--${name}`, value] : []));
  await runOslsPackage({ cwd: PROJECT_DIR, arguments: given });
  const template = parseTemplate(await readFile(join(PROJECT_DIR, TEMPLATE_PATH), 'utf8'));
  const unreadable = findUnreadableSecrets(template);
  if (unreadable.length > 0) throw new Error(unreadable.join('\n'));
  console.log(`\n${TEMPLATE_PATH}`);
  for (const path of (await Array.fromAsync(glob('.serverless/*.zip', { cwd: PROJECT_DIR }))).sort()) {
    const { size } = await stat(join(PROJECT_DIR, path));
    console.log(`${path} (${(size / 1000).toFixed(0)} kB)`);
  }
}

await main().catch(reportFailure);
