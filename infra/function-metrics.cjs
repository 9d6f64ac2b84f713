// The metrics of all functions that alarms.yml adds up: errors and throttles.
const { functionIdOf } = require('./function-ids.cjs');

// Every function, by the id of its metrics. Add a new function here.
const FUNCTIONS = {
  request: 'request-activations',
  webhook: 'receive-webhook',
  startBatch: 'start-batch',
  startScheduledBatch: 'start-scheduled-batch',
  read: 'read-activations',
  redrive: 'redrive-activations',
  activate: 'activate-flow-log',
  webhooks: 'send-webhooks',
  poll: 'poll-activations',
  checkDrift: 'check-drift',
};

const sumOf = (MetricName) => [
  { Id: 'total', Expression: 'SUM(METRICS())' },
  ...Object.entries(FUNCTIONS).map(([Id, name]) => {
    const Dimensions = [{ Name: 'FunctionName', Value: { Ref: functionIdOf(name) } }];
    const Metric = { Namespace: 'AWS/Lambda', MetricName, Dimensions };
    return { Id, ReturnData: false, MetricStat: { Metric, Period: 300, Stat: 'Sum' } };
  }),
];

exports.errors = sumOf('Errors');
exports.throttles = sumOf('Throttles');
