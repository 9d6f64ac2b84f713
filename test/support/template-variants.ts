import type { Template } from '../../scripts/compile-template.ts';
import { parameterNameOf } from '../../scripts/fill-parameters.ts';
import { SETTINGS, type Setting } from '../../scripts/settings.ts';

export const PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov'] as const;
export type Partition = (typeof PARTITIONS)[number];

/** One of each partition. */
export const REGIONS: Readonly<Record<Partition, string>> = {
  aws: 'eu-west-1',
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
};

/** The template with no parameter set, and with each at one end of what it takes and at the other. */
export function variantsOf(template: Template): Record<'unset' | 'least' | 'most', Template> {
  const withDefaults = (choose: (setting: Setting) => unknown): Template => ({
    ...template,
    Parameters: {
      ...template.Parameters,
      ...Object.fromEntries(
        Object.entries(SETTINGS).map(([name, setting]) => {
          const parameter = parameterNameOf(name);
          const { Default: _, ...rest } = template.Parameters[parameter] ?? { Type: 'String' };
          const value = choose(setting);
          return [parameter, { ...rest, ...(value !== undefined && { Default: String(value) }) }];
        }),
      ),
    },
  });
  return {
    unset: withDefaults(() => undefined),
    least: withDefaults((setting) => endsOf(setting)[0]),
    most: withDefaults((setting) => endsOf(setting)[1]),
  };
}

function endsOf(setting: Setting): [least: unknown, most: unknown] {
  switch (setting.kind) {
    case 'whole':
    case 'number':
      return [setting.from, setting.to];
    case 'boolean':
      return [false, true];
    case 'choice':
      return [setting.values[0], setting.values.at(-1)];
    case 'json':
      return ['{}', '{"one": {}}'];
    case 'schedule':
      return ['rate(1 minute)', 'cron(0 1 ? * MON *)'];
    case 'text':
      return [setting.default, setting.default];
  }
}
