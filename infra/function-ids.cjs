// The logical ids that osls gives a function and its log group: it writes `-` as `Dash`.
const capitalized = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const idOf = (name) => capitalized(name.replaceAll('-', 'Dash'));

exports.functionIdOf = (name) => `${idOf(name)}LambdaFunction`;
exports.logGroupIdOf = (name) => `${idOf(name)}LogGroup`;
