// The parameters of the template: one for each setting of infra/settings.cjs. `--param name=value` of osls changes the
// default of one.
const { SETTINGS } = require('./settings.cjs');

const parameterNameOf = (name) => name.charAt(0).toUpperCase() + name.slice(1);

const SCHEDULE = '^(rate|cron)\\(.+\\)$';

/** What CloudFormation itself holds a value to. What it cannot, such as whole numbers, scripts/parameters.ts does. */
const CONSTRAINTS = {
  text: ({ pattern, must }) => ({
    Type: 'String',
    AllowedPattern: pattern,
    ConstraintDescription: `must be ${must}`,
  }),
  json: () => ({ Type: 'String' }),
  whole: ({ from, to }) => ({ Type: 'Number', MinValue: from, MaxValue: to }),
  number: ({ from, to }) => ({ Type: 'Number', MinValue: from, MaxValue: to }),
  boolean: () => ({ Type: 'String', AllowedValues: ['true', 'false'] }),
  choice: ({ values }) => ({
    Type: values.every(Number.isInteger) ? 'Number' : 'String',
    AllowedValues: values.map(String),
  }),
  schedule: () => ({
    Type: 'String',
    AllowedPattern: SCHEDULE,
    ConstraintDescription: 'must be rate(…) or cron(…)',
  }),
};

const givenOf = ({ param }) =>
  Object.fromEntries(
    (param ?? []).map((each) => {
      const at = each.indexOf('=');
      const name = each.slice(0, at);
      if (!Object.hasOwn(SETTINGS, name)) throw new Error(`There is no setting ${name}.`);
      return [name, each.slice(at + 1)];
    }),
  );

const entries = Object.entries(SETTINGS);
const groups = Object.entries(Object.groupBy(entries, ([, { group }]) => group));

/** What was a setting in serverless.yml once, and would be ignored there. */
const refuseOldSettings = (custom) => {
  const old = Object.keys(custom).filter((name) => name !== 'stage' && name !== 'serviceName');
  if (old.length > 0)
    throw new Error(`custom has no ${old.join(', ')}: settings are parameters. See infra/settings.cjs.`);
};

module.exports = async ({ options, resolveConfigurationProperty }) => {
  refuseOldSettings(await resolveConfigurationProperty(['custom']));
  const given = givenOf(options);
  return {
    Parameters: Object.fromEntries(
      entries.map(([name, setting]) => [
        parameterNameOf(name),
        {
          ...CONSTRAINTS[setting.kind](setting),
          Default: String(given[name] ?? setting.default),
          Description: setting.description,
        },
      ]),
    ),
    Metadata: {
      'AWS::CloudFormation::Interface': {
        ParameterGroups: groups.map(([label, settings]) => ({
          Label: { default: label },
          Parameters: settings.map(([name]) => parameterNameOf(name)),
        })),
      },
    },
    Conditions: Object.fromEntries(
      entries
        .filter(([, { byStage }]) => byStage !== undefined)
        .map(([name]) => [
          `${parameterNameOf(name)}ByStage`,
          { 'Fn::Equals': [{ Ref: parameterNameOf(name) }, 'by-stage'] },
        ]),
    ),
  };
};
