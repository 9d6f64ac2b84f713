// The logical ids that osls gives the resources of a function: it writes `-` as `Dash`.
const capitalized = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const idOf = (name) => capitalized(name.replaceAll('-', 'Dash'));

exports.functionIdOf = (name) => `${idOf(name)}LambdaFunction`;
exports.logGroupIdOf = (name) => `${idOf(name)}LogGroup`;
