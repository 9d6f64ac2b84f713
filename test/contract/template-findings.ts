import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RegoEngine, TemplateFile } from '@aws/cloudformation-validate';
import { onTestFinished } from 'vitest';
import type { Template } from '../../scripts/compile-template.ts';
import { tempDir } from '../support/temp-dir.ts';
import { type Partition, REGIONS } from '../support/template-variants.ts';

/**
 * What AWS's validator has against a template, but for what comes of osls: the DependsOn that it writes (W3005), and
 * conditions that are decided before CloudFormation sees them, by a setting that it writes out (W8003). A parameter is
 * its default; without one it may be anything.
 */
export async function findingsOf(template: Template, partition: Partition = 'aws'): Promise<string[]> {
  const path = join(await tempDir(), 'template.json');
  await writeFile(path, JSON.stringify(template));
  const engine = new RegoEngine();
  onTestFinished(() => engine.free());
  const { diagnostics } = engine.validateStandard(new TemplateFile(path), {
    severityLevel: 'WARN',
    exclude: { ids: ['W3005', 'W8003'] },
    pseudoParameterOverrides: { partition, region: REGIONS[partition] },
  });
  return diagnostics.map(
    ({ severity, ruleId, message, entity }) => `${severity} ${ruleId} ${entity?.logicalId}: ${message}`,
  );
}
