import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RegoEngine, TemplateFile } from '@aws/cloudformation-validate';
import type { Template } from '../../scripts/compile-template.ts';

/**
 * What AWS's validator has against a template, but for what comes of osls: the DependsOn that it writes (W3005), and
 * conditions that are decided before CloudFormation sees them, by a setting that it writes out (W8003).
 */
export async function findingsOf(template: Template): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'flow-log-activator-'));
  const engine = new RegoEngine();
  try {
    const path = join(directory, 'template.json');
    await writeFile(path, JSON.stringify(template));
    const { diagnostics } = engine.validateStandard(new TemplateFile(path), {
      severityLevel: 'WARN',
      exclude: { ids: ['W3005', 'W8003'] },
    });
    return diagnostics.map(
      ({ severity, ruleId, message, entity }) => `${severity} ${ruleId} ${entity?.logicalId}: ${message}`,
    );
  } finally {
    engine.free();
    await rm(directory, { recursive: true });
  }
}
