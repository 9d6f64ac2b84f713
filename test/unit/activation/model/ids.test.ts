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

test('what is no activation id is refused, whatever it is', () => {
  fc.assert(fc.property(fc.string(), (text) => parseActivationId(text) === undefined));
  expect(parseActivationId(`default.cn-beijing.fl-1.${batchIdOf(1)}.x`)).toBeUndefined();
  expect(parseActivationId(`default.cn beijing.fl-1.${batchIdOf(1)}`)).toBeUndefined();
});

test('batch ids differ by caller and by key, and cannot be confused by where one ends', () => {
  expect(deriveBatchId('ab', 'c')).not.toBe(deriveBatchId('a', 'bc'));
  expect(deriveBatchId('a', 'k')).toBe(deriveBatchId('a', 'k'));
});

test('a client token fits Volcengine, repeats within a generation and differs between two', () => {
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

test('each fact has an id of its own', () => {
  expect(outboxEventIdOf('a', 'completed#2')).toBe('a.2.completed');
  expect(outboxEventIdOf('a', 'dead-letter#2')).toBe('a.2.dead-letter');
});
