import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCommandLine, reportFailure } from '../../clients/terminal/command-line.ts';
import { endInterrupted, onStopSignal } from '../../local/stop-signals.ts';
import { compileTemplate } from '../../scripts/compile-template.ts';
import { PROJECT_DIR } from '../../scripts/osls.ts';
import { pythonTools, run } from './python.ts';

readCommandLine({
  command: 'npm run judge:template',
  about: `Has cfn-lint (https://github.com/aws-cloudformation/cfn-lint) read the templates that are deployed: the project's, and
that of its example. Fails at any error or warning. Needs python3, and PyPI the first time.`,
  examples: [''],
});

/** What is not said of these templates, and why it is no fault of theirs. */
const IGNORED = {
  W3005: 'osls writes a DependsOn beside the GetAtt that implies it',
  W8003: 'HasWebhookEndpoints compares a setting that is known when the template is made',
};
const DIRECTORIES = [PROJECT_DIR, join(PROJECT_DIR, 'examples/subscribers')];

async function main(directory: string): Promise<void> {
  const bin = await pythonTools();
  const paths: string[] = [];
  for (const source of DIRECTORIES) {
    const path = join(directory, `${paths.length}.json`);
    await writeFile(path, JSON.stringify(await compileTemplate({ directory: source }), null, 2));
    paths.push(path);
  }
  const ignored = Object.keys(IGNORED).flatMap((rule) => ['--ignore-checks', rule]);
  await run(join(bin, 'cfn-lint'), [...ignored, '--template', ...paths]);
  console.log(`cfn-lint finds nothing in ${paths.length} templates`);
}

const directory = await mkdtemp(join(tmpdir(), 'flow-log-activator-template-'));
onStopSignal((signal) => endInterrupted(signal, directory));
await main(directory).catch(reportFailure);
await rm(directory, { recursive: true, force: true });
