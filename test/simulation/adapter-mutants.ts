import type { Mutant } from './mutant.ts';

const STORE = 'lib/aws/dynamodb-activation-store.ts';

/** Mistakes in what is asked of DynamoDB, SQS and EventBridge, and in what is believed of their answers. */
export const ADAPTER_MUTANTS: readonly Mutant[] = [
  {
    name: 'version condition dropped',
    file: STORE,
    original: 'const condition = { version: previous.version, activationId: previous.activationId };',
    mutated: 'const condition = { activationId: previous.activationId };',
    caughtBy: [
      'polling that changes nothing writes nothing',
      'legal moves only',
      'everyone who joined hears the end',
      'told before it is forgotten',
      'a live lease is respected',
    ],
  },
  {
    name: 'outcome not conditional on its lease',
    file: STORE,
    original: "const condition = { activationId, generation, attempts, leaseId, status: 'queued' };",
    mutated: "const condition = { activationId, generation, status: 'queued' };",
    caughtBy: [
      'a live lease is respected',
      'calls only under a lease',
      'legal moves only',
      'polling that changes nothing writes nothing',
    ],
    theme: 'an outcome after its lease',
  },
  {
    name: 'archive after overwrite',
    file: STORE,
    original: `      if (!(await archive(previous))) return false;
      // The successor continues the version, so that no write meant for the predecessor can hit it.
      const successor = toActivationItem({ ...next, version: previous.version + 1 });
      return put(successor, VERSION_IS_UNCHANGED, { ':version': previous.version });`,
    mutated: `      const successor = toActivationItem({ ...next, version: previous.version + 1 });
      if (!(await put(successor, VERSION_IS_UNCHANGED, { ':version': previous.version }))) return false;
      return archive(previous);`,
    caughtBy: ['archived before it is replaced'],
  },
  {
    name: 'a successor starts again at version 1',
    file: STORE,
    original: 'toActivationItem({ ...next, version: previous.version + 1 })',
    mutated: 'toActivationItem(next)',
    caughtBy: ['legal moves only'],
  },
  {
    name: 'joiner markers not written',
    file: STORE,
    original: 'await mapConcurrently(toJoinerItems(copy), JOINERS_AT_ONCE, (item) => put(item));',
    mutated: '',
    caughtBy: ['equal answers for equal keys', 'a batch ends when all of it is final'],
  },
  {
    name: 'joiner not recorded',
    file: STORE,
    original: 'transition(activation, { ...activation, joiners: [...activation.joiners, batchId] }),',
    mutated: 'transition(activation, activation),',
    caughtBy: [
      'what was answered 202 can be read',
      'a live lease is respected',
      'what was promised was done',
      'polling that changes nothing writes nothing',
    ],
  },
  {
    name: 'PutEvents entry ignored',
    file: 'lib/aws/eventbridge-publisher.ts',
    original: 'if (EventId) outcome.stored.add(id);',
    mutated: 'if (EventId || ErrorCode) outcome.stored.add(id);',
    caughtBy: ['told before it is forgotten', 'one final event for a generation'],
  },
  {
    name: 'missing bus not checked',
    file: 'lib/aws/eventbridge-publisher.ts',
    original: 'const isMissing = error instanceof ResourceNotFoundException;',
    mutated:
      'const isMissing = error instanceof ResourceNotFoundException;\n      if (isMissing) return undefined;',
    caughtBy: ['told before it is forgotten'],
  },
  {
    name: 'refused dead letters counted as sent',
    file: 'lib/aws/sqs-send.ts',
    original: 'for (const { Id } of Successful) {',
    mutated: 'for (const { Id } of [...Successful, ...Failed]) {',
    caughtBy: ['told before it is forgotten', 'each endpoint hears what it wants'],
  },
];
