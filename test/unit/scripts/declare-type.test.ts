import { expect, test } from 'vitest';
import { declareType } from '../../../scripts/declare-type.ts';

test.each([
  [{ type: 'string', minLength: 1 }, 'string'],
  [{ type: 'integer' }, 'number'],
  [{ const: 'a.v1' }, '"a.v1"'],
  [{ enum: ['a', 1] }, '"a" | 1'],
  [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 'string | null'],
  [{ type: 'array', items: { anyOf: [{ const: true }, { type: 'number' }] } }, 'Array<true | number>'],
  [{ type: 'object', additionalProperties: { type: 'number' } }, 'Record<string, number>'],
  [
    {
      type: 'object',
      properties: {
        id: { type: 'string', description: 'One for each fact.' },
        'not-found': { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
      },
      required: ['id'],
    },
    '{\n  /** One for each fact. */\n  id: string;\n  "not-found"?: {\n    n: number;\n  };\n}',
  ],
])('%j', (schema, type) => {
  expect(declareType(schema)).toBe(type);
});

test.each([
  [{}],
  [{ type: 'object' }],
  [{ type: 'array' }],
  [{ type: ['string', 'null'] }],
  [{ $ref: '#/$defs/a' }],
  [{ allOf: [{ type: 'string' }] }],
  [{ type: 'object', properties: { a: {} } }],
  [{ type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'string' } }],
])('refuses %j, for which it has no exact type', (schema) => {
  expect(() => declareType(schema)).toThrow('no type for');
});
