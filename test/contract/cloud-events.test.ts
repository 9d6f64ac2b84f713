import { CloudEvent, HTTP } from 'cloudevents';
import { describe, expect, test } from 'vitest';
import { eventContracts } from '../../scripts/contracts/event-contracts.ts';

const goldens = eventContracts().map(({ type, example }) => [type, example] as const);

/** As a receiver of structured-mode HTTP reads it: the body of a webhook. */
function received(event: unknown) {
  const headers = { 'content-type': 'application/cloudevents+json' };
  const message = HTTP.toEvent({ headers, body: JSON.stringify(event) });
  if (Array.isArray(message)) throw new Error('this is a batch');
  return message;
}

describe.each(goldens)('the CloudEvents SDK, strict, and %s', (_, golden) => {
  test('takes the golden event, whole', () => {
    const event = new CloudEvent(golden, true);
    expect(event.validate()).toBe(true);
    expect(JSON.parse(JSON.stringify(event))).toEqual(golden);
    expect(JSON.parse(JSON.stringify(received(golden)))).toEqual(golden);
    expect(new CloudEvent(received(golden), true).validate()).toBe(true);
  });

  test.each<[string, Record<string, unknown>]>([
    ['an id that is no text', { id: 7 }],
    ['no type', { type: undefined }],
    ['an empty source', { source: '' }],
    ['a subject that is none', { subject: '' }],
    ['a time that is none', { time: 'yesterday' }],
    ['a dataschema that is no URI', { dataschema: 'not a URI' }],
    ['an attribute with a name that is not allowed', { 'data-schema': 'x' }],
  ])('refuses it with %s', (__, change) => {
    expect(() => new CloudEvent({ ...golden, ...change }, true).validate()).toThrow();
  });
});
