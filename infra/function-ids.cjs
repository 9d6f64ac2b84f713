// The logical id that osls gives the log group of a function: it writes `-` as `Dash`.
const capitalized = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const idOf = (name) => capitalized(name.replaceAll('-', 'Dash'));

exports.logGroupIdOf = (name) => `${idOf(name)}LogGroup`;
