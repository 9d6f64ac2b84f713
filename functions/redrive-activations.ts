import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type RedriveDeps, redriveActivation } from '../lib/activation/redrive-activation.ts';
import { redriveFailed } from '../lib/activation/redrive-failed.ts';
import { readSettings } from '../lib/runtime/configuration.ts';
import { type HttpAnswer, httpStack } from '../lib/runtime/http-stack.ts';
import { readOptionalJsonBody } from '../lib/runtime/json-body.ts';
import { lazily } from '../lib/runtime/lazily.ts';
import { log } from '../lib/runtime/telemetry.ts';
import { accountsOf } from './compose/accounts.ts';
import { createApi, createLimiter, volcengineSettings } from './compose/volcengine.ts';
import {
  createQueue,
  createStore,
  policyOf,
  policySettings,
  queueSettings,
  tableSettings,
} from './compose/workflow.ts';
import { activationView } from './http/activation-view.ts';
import type { BulkRedriveAnswer } from './http/answers/activation-answers.ts';
import { toProblem } from './http/problems.ts';
import { parseBulkRedrive, parseRedrive } from './http/redrive-request.ts';

const services = lazily((): RedriveDeps => {
  const settings = readSettings({
    ...tableSettings,
    ...queueSettings,
    ...policySettings,
    ...volcengineSettings,
  });
  return {
    store: createStore(settings),
    queue: createQueue(settings),
    api: createApi(settings, accountsOf(settings)),
    limiter: createLimiter('redrive', settings),
    policy: policyOf(settings),
    now: Date.now,
    log,
  };
});

/** POST /activations/{activationId}/redrive and POST /dead-letters/redrive */
export async function handleRedrive(
  deps: () => RedriveDeps,
  event: APIGatewayProxyEventV2,
): Promise<HttpAnswer> {
  const body = readOptionalJsonBody(event);
  if (event.routeKey === 'POST /dead-letters/redrive') {
    const redriven: BulkRedriveAnswer = await redriveFailed(deps(), parseBulkRedrive(body));
    return { status: 202, body: redriven };
  }
  const { generation } = parseRedrive(body);
  const activationId = event.pathParameters?.activationId ?? '';
  const { activation } = await redriveActivation(deps(), activationId, generation);
  return { status: 202, body: activationView(activation) };
}

export const handler = httpStack((event) => handleRedrive(services, event), toProblem);
