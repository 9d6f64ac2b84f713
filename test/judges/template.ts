import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCommandLine, reportFailure } from '../../clients/terminal/command-line.ts';
import { endInterrupted, onStopSignal } from '../../local/stop-signals.ts';
import { buildFunctions } from '../../scripts/build.ts';
import { compileParameterised, compileTemplate } from '../../scripts/compile-template.ts';
import { PROJECT_DIR } from '../../scripts/osls.ts';
import { makeRelease } from '../../scripts/release.ts';
import { REGIONS, variantsOf } from '../support/template-variants.ts';
import { pythonTools, run } from './python.ts';

readCommandLine({
  command: 'npm run judge:template',
  about: `Has cfn-lint (https://github.com/aws-cloudformation/cfn-lint) read the templates that are deployed: that of a release,
with each parameter set and unset, for a region of each partition; that of npm run deploy; that of the example. Fails at any
error or warning. Needs python3, and PyPI the first time.`,
  examples: [''],
});

/** What is not said of these templates, and why it is no fault of theirs. */
const IGNORED = { W3005: 'osls writes a DependsOn beside the GetAtt that implies it' };

async function main(directory: string): Promise<void> {
  const bin = await pythonTools();
  await buildFunctions();
  const release = join(directory, 'release');
  await makeRelease({ stage: 'dev', settings: {}, outDir: release });
  const { default: template } = await import(join(release, 'template.json'), { with: { type: 'json' } });
  const templates = {
    ...variantsOf(template),
    deploy: await compileParameterised(),
    example: await compileTemplate({ directory: join(PROJECT_DIR, 'examples/subscribers') }),
  };
  const paths: string[] = [join(release, 'template.json')];
  for (const [name, each] of Object.entries(templates)) {
    const path = join(directory, `${name}.json`);
    await writeFile(path, JSON.stringify(each, null, 1));
    paths.push(path);
  }
  const regions = Object.values(REGIONS);
  const ignored = Object.keys(IGNORED).flatMap((rule) => ['--ignore-checks', rule]);
  await run(join(bin, 'cfn-lint'), [...ignored, '--regions', ...regions, '--template', ...paths]);
  console.log(`cfn-lint finds nothing in ${paths.length} templates, for ${regions.join(', ')}`);
}

const directory = await mkdtemp(join(tmpdir(), 'flow-log-activator-template-'));
onStopSignal((signal) => endInterrupted(signal, directory));
await main(directory).catch(reportFailure);
await rm(directory, { recursive: true, force: true });
