import * as v from 'valibot';
import type { Wire } from '../../test/support/virtual/outside.ts';
import type { SimulatedSqs } from '../../test/support/virtual/simulated-sqs.ts';
import type { VirtualTime } from '../../test/support/virtual/virtual-time.ts';
import { RequestCounts } from './request-counts.ts';

/** In virtual time, there and back. */
const VOLCENGINE_MS = 50;
const AWS_MS = 5;

type Counts = Record<'dynamodb' | 'sqs' | 'eventbridge' | 'volcengine', RequestCounts>;

export function countsOf(sqs: SimulatedSqs): Counts {
  const counts = {
    dynamodb: new RequestCounts(),
    sqs: new RequestCounts(),
    eventbridge: new RequestCounts(),
    volcengine: new RequestCounts(),
  };
  for (const queue of sqs.queues.values()) queue.onRequest = (operation) => counts.sqs.add(operation);
  return counts;
}

const Request = v.object({ path: v.string() });
const Response = v.object({ httpStatus: v.number(), body: v.string() });

/** Nothing is lost on it. What is answered with a promise is real I/O, in which no time passes. */
export function countingWire(time: VirtualTime, counts: Counts): Wire {
  return {
    async exchange(container, { service, asked, apply }) {
      if (service === 'volcengine') {
        await container.sleep(VOLCENGINE_MS);
        const answer = apply();
        const action = new URLSearchParams(v.parse(Request, asked).path.split('?')[1]).get('Action') ?? '';
        counts.volcengine.add(action);
        const { httpStatus, body } = v.parse(Response, answer);
        const isExpected = httpStatus === 200 || body.includes('InvalidFlowLog.InvalidStatus');
        if (!isExpected) throw new Error(`${action}: ${body}`);
        return answer;
      }
      if (service === 'credentials' || service === 'webhook') throw new Error(`no bench asks for ${service}`);
      await container.sleep(AWS_MS);
      const command = Object(asked);
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
