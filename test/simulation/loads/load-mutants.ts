import type { Mutant } from '../mutant.ts';

/** Mistakes that only the loads beside the callers can show. */
export const LOAD_MUTANTS: readonly Mutant[] = [
  {
    name: 'unprocessed keys taken for keys without an item',
    file: 'lib/aws/dynamodb-reads.ts',
    original: 'wanted = UnprocessedKeys?.[tableName];',
    mutated: 'wanted = UnprocessedKeys && undefined;',
    caughtBy: [
      'a list repeats nothing and hides nothing',
      'a plan is all that matches',
      'equal answers for equal keys',
    ],
  },
  {
    name: 'a page of an index taken for all of it',
    file: 'lib/aws/dynamodb-activation-list.ts',
    original: 'if (new Set(found.map(({ listKey }) => listKey)).size >= query.limit) break;',
    mutated: 'break;',
    caughtBy: ['a list repeats nothing and hides nothing'],
  },
  {
    name: 'a cursor that counts what has the status',
    file: 'lib/activation/read-activations.ts',
    original: 'nextCursor: String(next.place)',
    mutated: 'nextCursor: String(start + limit)',
    caughtBy: ['a list repeats nothing and hides nothing'],
  },
  {
    name: 'the regions of an account asked for in one call',
    file: 'lib/activation/pending-rounds.ts',
    original: 'Map.groupBy(pending, ({ account, region }) =>',
    mutated: 'Map.groupBy(pending, ({ account, region }) => (region && account) ||',
    caughtBy: ['each account is asked for its own'],
  },
  {
    name: 'accounts behind the first left to another tick',
    file: 'lib/activation/pending-rounds.ts',
    original: 'scopes.map(([scope, activations]) =>',
    mutated: 'scopes.toSorted().slice(-1).map(([scope, activations]) =>',
    caughtBy: ['what is refused holds up no other'],
  },
  {
    name: 'a page that is refused taken for one without flow logs',
    file: 'lib/activation/select-flow-logs.ts',
    original:
      "if (page.kind !== 'retry' && page.kind !== 'throttled') throw refusalOf(page, account, nextToken);",
    mutated: "if (nextToken !== undefined) return { kind: 'page', flowLogs: [] };",
    caughtBy: ['a plan is all that matches'],
  },
  {
    name: 'the first page of a selection taken for all of it',
    file: 'lib/activation/select-flow-logs.ts',
    original: 'nextToken = page.nextToken;',
    mutated: 'nextToken = undefined;',
    caughtBy: ['a plan is all that matches'],
  },
  {
    name: 'a plan carried out although the world has moved',
    file: 'lib/activation/start-batch.ts',
    original: 'const difference = differenceOf(plan.flowLogs, found);',
    mutated: 'const difference = found ? undefined : differenceOf(plan.flowLogs, found);',
    caughtBy: ['a plan is carried out once, as it stands'],
  },
  {
    name: 'a plan that is carried out anew each time',
    file: 'lib/activation/start-planned.ts',
    original: "const idempotencyKey = [planId, createdAt, index].join('#');",
    mutated: "const idempotencyKey = [planId, deps.now(), index].join('#');",
    caughtBy: ['a plan is carried out once, as it stands'],
  },
  {
    name: 'a schedule that starts anew with each firing',
    file: 'lib/activation/scheduled-batch.ts',
    original: 'return JSON.stringify([schedule, scheduledAt]);',
    mutated: 'return JSON.stringify([schedule, scheduledAt, Math.random()]);',
    caughtBy: ['a plan is carried out once, as it stands', 'nothing is told before it is true'],
  },
  {
    name: 'a dry run told as of now',
    file: 'lib/activation/scheduled-batch.ts',
    original: 'const at = plan.createdAt;',
    mutated: 'const at = deps.now();',
    caughtBy: ['the same bytes for the same id'],
  },
  {
    name: 'the fields of a stored selector told in another order',
    file: 'lib/activation/scheduled-batch.ts',
    original: 'selector: inOneOrder(plan.selector),',
    mutated: 'selector: plan.selector,',
    caughtBy: ['the same bytes for the same id'],
  },
  {
    name: 'a webhook without its delivery id',
    file: 'functions/receive-webhook.ts',
    original: 'const request = { ...from, idempotencyKey: deliveryId, flowLogs, metadata };',
    mutated: 'const request = { ...from, flowLogs, metadata };',
    caughtBy: ['equal answers for equal keys', 'one batch for a delivery'],
  },
  {
    name: 'delivery ids of all senders taken for those of one',
    file: 'lib/webhooks/source.ts',
    original: 'return `webhook:',
    mutated: "return 'webhook:first'; `webhook:",
    caughtBy: ['one batch for a delivery', 'equal answers for equal keys'],
  },
  {
    name: 'a webhook that anyone may sign',
    file: 'lib/webhooks/authenticate.ts',
    original: 'if (!isAuthentic(claim, known.secrets) &&',
    mutated: 'if (claim === undefined &&',
    caughtBy: ['what was promised was done'],
  },
  {
    name: 'an event that is given to its first endpoint only',
    file: 'lib/webhook-delivery/fan-out.ts',
    original: '.filter((endpoint) => wants(endpoint, event.type))',
    mutated: '.filter((endpoint) => wants(endpoint, event.type))\n    .slice(0, 1)',
    caughtBy: ['each endpoint hears what it wants'],
  },
  {
    name: 'deliveries that SQS has refused taken for stored',
    file: 'lib/aws/sqs-webhook-queue.ts',
    original: 'if (failed > 0) {',
    mutated: 'if (failed < 0) {',
    caughtBy: ['each endpoint hears what it wants'],
  },
  {
    name: 'a delivery given up after its third attempt',
    file: 'lib/webhook-delivery/deliver-webhook.ts',
    original:
      "if (isDayOver({ firstAt, now })) {\n    return bury(deps, delivery, { reason: 'expired', attempts, lastFailure: failure });",
    mutated:
      "if (attempts > 2) {\n    return bury(deps, delivery, { reason: 'expired', attempts, lastFailure: failure });",
    caughtBy: ['each endpoint hears what it wants'],
  },
];
