import fc from 'fast-check';
import * as v from 'valibot';
import { createFlowLogApi } from '../../lib/volcengine/flow-log-api.ts';
import type { NetworkFailure } from '../../lib/volcengine/network-failure.ts';
import type { VolcengineReply } from '../../lib/volcengine/response-collector.ts';
import { flowLogOf, START } from '../support/fakes/activations.ts';
import { scriptedTransport } from '../unit/volcengine/scripted-transport.ts';
import { describeAnswers } from './describe-input.ts';
import { checkActivateOutcome, checkDescribeOutcome } from './outcome-check.ts';
import { defineSurface, require, type Surface } from './surface.ts';
import { activeAnswer, CREDENTIALS } from './volcengine-input.ts';

/** The real client of Volcengine behind a transport that plays these answers. */
export function apiAnswering(answers: (VolcengineReply | NetworkFailure)[]) {
  const transport = scriptedTransport(...answers);
  const api = createFlowLogApi({ transport, credentials: async () => CREDENTIALS, clock: () => START });
  return { api, transport };
}

const ASKED = Array.from({ length: 12 }, (_, index) => `fl-${index}`);
const MAX_PAGES = 20;

const empty = v.nullish(v.picklist(['', 0, '0']));
/** No error: none at all, or an empty one. */
export const noError = v.nullish(v.looseObject({ Code: empty, CodeN: empty }));
const id = v.pipe(v.string(), v.minLength(1));

const resultSchema = v.looseObject({ ResponseMetadata: v.looseObject({ Error: noError }) });
const list = v.nullish(v.array(v.looseObject({ FlowLogId: v.string() })));
const pageSchema = v.union([
  v.looseObject({
    ResponseMetadata: v.looseObject({ Error: noError, RequestId: id }),
    Result: v.nullish(v.looseObject({ FlowLogs: list })),
  }),
  v.looseObject({
    ResponseMetadata: v.looseObject({ Error: noError }),
    Result: v.looseObject({ RequestId: id, FlowLogs: list }),
  }),
]);

/** Throws for what is no JSON. */
export function parseBody(body: string): unknown {
  return JSON.parse(body.replace(/^\uFEFF/, ''));
}

/** A second opinion: a 2xx with Volcengine's envelope and nothing where an error would be. */
function isAnsweredBy(
  schema: v.GenericSchema,
  answer: VolcengineReply | NetworkFailure | undefined,
): boolean {
  if (answer?.kind !== 'reply' || answer.httpStatus < 200 || answer.httpStatus > 299) return false;
  return isJson(schema, answer.body);
}

function isJson(schema: v.GenericSchema, body: string): boolean {
  try {
    return v.is(schema, parseBody(body));
  } catch {
    return false;
  }
}

export const VOLCENGINE_SURFACES: readonly Surface[] = [
  defineSurface({
    name: 'ActiveFlowLog answers',
    inputs: activeAnswer,
    async probe(answer) {
      const { api, transport } = apiAnswering([answer]);
      const outcome = await api.activeFlowLog({ flowLog: flowLogOf('fl-1'), clientToken: 'token' });
      checkActivateOutcome(outcome);
      require(transport.requests.length === 1, 'a call is one request');
      const isSuccess = isAnsweredBy(resultSchema, answer);
      require(outcome.kind !== 'accepted' || isSuccess, 'accepted without a success');
      const isFinal = outcome.kind === 'dead-letter' || outcome.kind === 'verify';
      require(!isFinal || isVolcengineError(answer), `${outcome.kind} without an error of Volcengine's`);
      return outcome.kind === 'accepted' ? 'accepted' : 'refused';
    },
  }),
  defineSurface({
    name: 'DescribeFlowLogs answers',
    inputs: fc.record({ answers: describeAnswers(ASKED), asked: fc.subarray(ASKED, { minLength: 1 }) }),
    async probe({ answers, asked }) {
      const { api, transport } = apiAnswering(answers);
      const outcome = await api.describeFlowLogs({ account: 'default', region: 'cn-beijing' }, asked);
      checkDescribeOutcome(outcome);
      require(transport.requests.length <= MAX_PAGES, () =>
        `${transport.requests.length} requests for one page`);
      if (outcome.kind !== 'described') return 'refused';
      for (const flowLogId of outcome.flowLogs.keys()) {
        require(asked.includes(flowLogId), 'it describes what was not asked');
      }
      // Absence is believed only where every page was whole.
      const seen = transport.requests.map((_, index) => answers[Math.min(index, answers.length - 1)]);
      const isWhole = seen.every((answer) => isAnsweredBy(pageSchema, answer));
      require(isWhole || outcome.flowLogs.size === asked.length, 'absent after an answer that left doubt');
      return 'accepted';
    },
  }),
];

const errorSchema = v.union([
  v.looseObject({ ResponseMetadata: v.looseObject({}) }),
  v.looseObject({ errorcode: v.union([v.string(), v.number()]) }),
]);
const TOO_LONG = [413, 414, 431];

/** Nothing is ended by what a gateway says but that the request is too long: it takes an error of Volcengine's shapes. */
function isVolcengineError(answer: VolcengineReply | NetworkFailure): boolean {
  if (answer.kind !== 'reply') return false;
  return TOO_LONG.includes(answer.httpStatus) || isJson(errorSchema, answer.body);
}
