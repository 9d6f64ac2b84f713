import { expect, test } from 'vitest';
import { eventsOfActivations, eventsOfBus } from '../../../../clients/console/model/events.ts';
import * as golden from '../../../../events/golden-examples.ts';
import { anActivation, atSecond } from './build-activation.ts';

type Example = { id: string; type: string; subject?: string; data: object };

const seenOf = ({ id, type, subject = '', data }: Example) =>
  eventsOfBus([
    { at: atSecond(0), event: { id, 'detail-type': type, detail: { subject, data: { ...data } } } },
  ])[0];

test('each event of the contract has a title of words, and what it is about', () => {
  const { deadLetterExample: _, ...examples } = golden;
  const seen = Object.values(examples).map((detail) => seenOf(detail));
  expect(seen.filter((one) => !one || one.subject === '' || !/^[a-z ]+$/.test(one.title))).toEqual([]);
});

test.each([
  ['submitted', golden.activationSubmittedExample, '#/activations/'],
  ['completed', golden.activationCompletedExample, '#/activations/'],
  ['failed', golden.activationFailedExample, '#/activations/'],
  ['drifted', golden.flowLogDriftedExample, '#/activations/'],
  ['batch completed', golden.batchCompletedExample, '#/batches/b-'],
  ['batch planned', golden.batchPlannedExample, '#/plans/p-'],
])('%s links to what it is about', (title, example, start) => {
  expect(seenOf(example)).toMatchObject({ title, href: expect.stringContaining(start) });
});

test('an event of another source keeps its type, and links to nothing', () => {
  const event = { id: 'e-1', 'detail-type': 'order.placed', detail: { subject: 'order 7' } };
  expect(eventsOfBus([{ at: atSecond(0), event }])).toEqual([
    {
      key: 'e-1',
      at: atSecond(0),
      tone: 'quiet',
      title: 'order.placed',
      subject: 'order 7',
      href: undefined,
      detail: '',
    },
  ]);
});

test('what the service has noted: each event and dead letter, the latest first, failures with their reason', () => {
  const published = [
    { event: 'submitted' as const, generation: 1, at: atSecond(1) },
    { event: 'failed' as const, generation: 1, at: atSecond(9) },
    { event: 'dead-letter' as const, generation: 1, at: atSecond(10) },
  ];
  const failed = anActivation({ flowLogId: 'fl-2', status: 'failed', reason: 'frozen', published });
  const open = anActivation({ published: [{ event: 'submitted', generation: 1, at: atSecond(5) }] });
  expect(
    eventsOfActivations([open, failed]).map(({ title, subject, detail }) => [title, subject, detail]),
  ).toEqual([
    ['dead-letter', 'fl-2', 'frozen'],
    ['failed', 'fl-2', 'frozen'],
    ['submitted', 'fl-1', ''],
    ['submitted', 'fl-2', ''],
  ]);
});
