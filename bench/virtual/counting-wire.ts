import * as v from 'valibot';
import type { Wire } from '../../test/support/virtual/outside.ts';
import type { SimulatedSqs } from '../../test/support/virtual/simulated-sqs.ts';
import type { VirtualTime } from '../../test/support/virtual/virtual-time.ts';
import { RequestCounts } from './request-counts.ts';

/** In virtual time, there and back. */
const VOLCENGINE_MS = 50;
const AWS_MS = 5;
const THROTTLED = 429;

type Counts = Record<'dynamodb' | 'sqs' | 'eventbridge' | 'volcengine', RequestCounts> & {
  /** Each call of Volcengine, in order. */
  calls: { action: string; at: number; isThrottled: boolean }[];
  /** Writes of the quotas of accounts, those that were refused among them. */
  quotaWrites: number;
};

export function countsOf(sqs: SimulatedSqs): Counts {
  const counts: Counts = {
    dynamodb: new RequestCounts(),
    sqs: new RequestCounts(),
    eventbridge: new RequestCounts(),
    volcengine: new RequestCounts(),
    calls: [],
    quotaWrites: 0,
  };
  for (const queue of sqs.queues.values()) queue.onRequest = (operation) => counts.sqs.add(operation);
  return counts;
}

const Request = v.object({ path: v.string() });
const Response = v.object({ httpStatus: v.number(), body: v.string() });
const QuotaWrite = v.object({
  input: v.object({ Item: v.object({ pk: v.object({ S: v.pipe(v.string(), v.startsWith('Q#')) }) }) }),
});

/**
 * Nothing is lost on it. What is answered with a promise is real I/O, in which no time passes. Throws for an answer of
 * Volcengine that no bench expects; a throttled call is expected where there is a limit.
 */
export function countingWire(time: VirtualTime, counts: Counts, isLimited: boolean): Wire {
  return {
    async exchange(container, { service, asked, apply }) {
      if (service === 'volcengine') {
        await container.sleep(VOLCENGINE_MS);
        const answer = apply();
        const action = new URLSearchParams(v.parse(Request, asked).path.split('?')[1]).get('Action') ?? '';
        counts.volcengine.add(action);
        const { httpStatus, body } = v.parse(Response, answer);
        const isThrottled = isLimited && httpStatus === THROTTLED;
        counts.calls.push({ action, at: time.now, isThrottled });
        const isExpected = httpStatus === 200 || isThrottled || body.includes('InvalidFlowLog.InvalidStatus');
        if (!isExpected) throw new Error(`${action}: ${body}`);
        return answer;
      }
      if (service === 'credentials' || service === 'webhook') throw new Error(`no bench asks for ${service}`);
      await container.sleep(AWS_MS);
      const command = Object(asked);
      if (v.is(QuotaWrite, command)) counts.quotaWrites += 1;
      try {
        const applied = apply();
        const answer = applied instanceof Promise ? await time.hold(applied) : applied;
        counts[service].addCommand(command, answer);
        return answer;
      } catch (error) {
        counts[service].addCommand(command);
        throw error;
      }
    },
  };
}
