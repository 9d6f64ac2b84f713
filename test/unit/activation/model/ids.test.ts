import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  activationIdOf,
  clientTokenOf,
  deriveBatchId,
  outboxEventIdOf,
  parseActivationId,
} from '../../../../lib/activation/model/ids.ts';
import { batchIdOf } from '../../../support/fakes/activations.ts';

const flowLogs = fc.record({
  account: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
  region: fc.stringMatching(/^[a-z]{2,6}-[a-z0-9]{1,12}(-[0-9])?$/),
  flowLogId: fc.stringMatching(/^[A-Za-z0-9-]{1,64}$/),
});

test('an activation id is reversible', () => {
  fc.assert(
    fc.property(flowLogs, fc.string(), (flowLog, key) => {
      const batchId = deriveBatchId('api', key);
      expect(parseActivationId(activationIdOf(flowLog, batchId))).toEqual({ flowLog, batchId });
    }),
  );
});

test('every text that is no activation id is refused', () => {
  fc.assert(fc.property(fc.string(), (text) => parseActivationId(text) === undefined));
  expect(parseActivationId(`default.cn-beijing.fl-1.${batchIdOf(1)}.x`)).toBeUndefined();
  expect(parseActivationId(`default.cn beijing.fl-1.${batchIdOf(1)}`)).toBeUndefined();
});

test('batch ids differ by caller and by key, and by where the caller ends and the key begins', () => {
  expect(deriveBatchId('ab', 'c')).not.toBe(deriveBatchId('a', 'bc'));
  expect(deriveBatchId('a', 'k')).toBe(deriveBatchId('a', 'k'));
});

test('a client token has a valid form, is the same within a generation, and differs between generations', () => {
  fc.assert(
    fc.property(flowLogs, fc.integer({ min: 1, max: 99 }), (flowLog, generation) => {
      const activationId = activationIdOf(flowLog, batchIdOf(1));
      const token = clientTokenOf(activationId, generation);
      expect(token).toMatch(/^[\x21-\x7e]{1,64}$/);
      expect(clientTokenOf(activationId, generation)).toBe(token);
      expect(clientTokenOf(activationId, generation + 1)).not.toBe(token);
    }),
  );
});

test('each event and dead letter has its own id', () => {
  expect(outboxEventIdOf('a', 'completed#2')).toBe('a.2.completed');
  expect(outboxEventIdOf('a', 'dead-letter#2')).toBe('a.2.dead-letter');
});
