import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defineCommand, EXIT } from '../command.ts';

export const demo = defineCommand({
  name: 'demo',
  group: 'Other',
  summary: 'run one flow log of every kind through a local world of its own; half a minute',
  about: 'Only in the folder of this project. It is `npm run demo`.',
  examples: [['', 'see it all']],
  async run({ out, packageDir }) {
    // It is built into dist/package.
    const projectDir = join(packageDir, '../..');
    if (!existsSync(join(projectDir, 'local/demo/demo.ts'))) {
      out.note('The demo is in the repository: git clone it, then `npm ci && npm run demo`.');
      return EXIT.usage;
    }
    const demo = spawn('npm', ['run', '--silent', 'demo'], { cwd: projectDir, stdio: 'inherit' });
    const [status] = await once(demo, 'exit');
    return status === 0 ? EXIT.ok : EXIT.failed;
  },
});
