import { describe, expect, test } from 'vitest';
import { timelineOf } from '../../../../clients/console/model/timeline.ts';
import { anActivation, atSecond } from './build-activation.ts';

describe('the timeline', () => {
  test('goes from the request to the events on the bus, with the time between', () => {
    const steps = timelineOf(
      anActivation({
        status: 'completed',
        attempts: 2,
        history: [
          { at: atSecond(0), generation: 1, attempt: 0, event: 'opened', by: 'ann' },
          {
            at: atSecond(1),
            generation: 1,
            attempt: 1,
            event: 'retry',
            code: 'InvalidOperation.Conflict',
            httpStatus: 409,
          },
          { at: atSecond(3), generation: 1, attempt: 2, event: 'accepted', asyncTaskId: 'task-1' },
          { at: atSecond(9), generation: 1, attempt: 2, event: 'completed' },
        ],
        published: [
          { event: 'submitted', generation: 1, at: atSecond(4) },
          { event: 'completed', generation: 1, at: atSecond(10) },
        ],
      }),
    );
    expect(steps.map(({ title, afterMs }) => [title, afterMs])).toEqual([
      ['Requested and stored', undefined],
      ['The call did not succeed: another try follows', 1_000],
      ['Volcengine accepted the call', 2_000],
      ['Event on the bus: submitted', 1_000],
      ['Seen Active', 5_000],
      ['Event on the bus: completed', 1_000],
    ]);
    expect(steps[0]?.details).toEqual(['by ann']);
    expect(steps[1]?.details).toEqual(['call 1', 'InvalidOperation.Conflict (HTTP 409)']);
    expect(steps[2]?.details).toEqual(['call 2', 'task task-1']);
  });

  test('of one that is open ends with what is planned', () => {
    const steps = timelineOf(anActivation({ nextAttemptAt: atSecond(60) }));
    expect(steps.filter(({ isPlanned }) => isPlanned).map(({ title, at }) => [title, at])).toEqual([
      ['The next call', atSecond(60)],
      ['Deadline', atSecond(86_400)],
    ]);
  });

  test('of one that is final plans nothing', () => {
    const steps = timelineOf(anActivation({ status: 'failed', reason: 'frozen' }));
    expect(steps.every(({ isPlanned }) => isPlanned === undefined)).toBe(true);
  });

  test.each([
    ['failed: frozen', 'Failed: frozen', 'bad'],
    ['drifted: inactive', 'No longer Active: inactive', 'alert'],
    ['seen Inactive, queued again', 'Seen Inactive, queued again', 'quiet'],
    ['an event of a later version', 'An event of a later version', 'quiet'],
  ])('says of %s: %s', (event, title, tone) => {
    const history = [{ at: atSecond(0), generation: 1, attempt: 1, event }];
    expect(timelineOf(anActivation({ status: 'completed', history }))[0]).toMatchObject({ title, tone });
  });
});
