import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineCommand, EXIT } from '../command.ts';

/** From the bundle in dist/cli. */
const PROJECT_DIR = fileURLToPath(new URL('../..', import.meta.url));

export const demo = defineCommand({
  name: 'demo',
  group: 'Other',
  summary: 'run one flow log of every kind through a local world of its own; half a minute',
  about: 'Only in the folder of this project. It is `npm run demo`.',
  examples: [['', 'see it all']],
  async run({ out }) {
    if (!existsSync(`${PROJECT_DIR}local/demo/demo.ts`)) {
      out.note('The demo is in the repository: git clone it, then `npm ci && npm run demo`.');
      return EXIT.usage;
    }
    const demo = spawn('npm', ['run', '--silent', 'demo'], { cwd: PROJECT_DIR, stdio: 'inherit' });
    const [status] = await once(demo, 'exit');
    return status === 0 ? EXIT.ok : EXIT.failed;
  },
});
