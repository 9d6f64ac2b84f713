// The settings of all functions and of their logs. osls takes no `!Ref` for them.
const { functionIdOf, logGroupIdOf } = require('./function-ids.cjs');

const RetentionInDays = { Ref: 'LogRetentionDays' };

module.exports = async ({ resolveConfigurationProperty }) => {
  const names = Object.keys(await resolveConfigurationProperty(['functions']));
  return {
    extensions: Object.fromEntries([
      ...names.map((name) => [
        functionIdOf(name),
        { Properties: { Architectures: [{ Ref: 'Architecture' }] } },
      ]),
      ...[...names.map(logGroupIdOf), 'HttpApiLogGroup'].map((id) => [
        id,
        { Properties: { RetentionInDays } },
      ]),
    ]),
  };
};
