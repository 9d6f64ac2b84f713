import { Signer } from '@volcengine/openapi';
import * as v from 'valibot';
import { signGet } from '../../lib/volcengine/sign.ts';
import { asContender } from '../harness/contender.ts';
import { Durations, measureSync } from '../harness/measure.ts';
import { ACTIONS, KEYS, queriesOf, REGION, SIGNERS } from './requests.ts';
import { loadSdkCoreSigner } from './sdk-core-signer.ts';

const Config = v.object({
  contender: v.picklist(SIGNERS),
  action: v.picklist(ACTIONS),
  callsASecond: v.number(),
  durations: Durations,
});

type Sign = (query: Record<string, string>, timeMs: number) => unknown;
type Signing = { sign: Sign; authorizationOf: (signed: unknown) => string };

const HOST = 'open.volcengineapi.com';
const STARTED_AT = Date.UTC(2026, 0, 2, 3, 4, 5);
const Signed = v.object({ headers: v.record(v.string(), v.string()) });

const ours: Signing = {
  sign: (query, timeMs) =>
    signGet({ credentials: KEYS, service: 'vpc', region: REGION, host: HOST, query, timeMs }),
  authorizationOf: (signed) => v.parse(Signed, signed).headers.authorization ?? '',
};

const openapi: Signing = {
  sign(params, timeMs) {
    const request = { region: REGION, method: 'GET', pathname: '/', params, headers: { Host: HOST } };
    const credentials = { accessKeyId: KEYS.accessKeyId, secretKey: KEYS.secretAccessKey };
    new Signer(request, 'vpc').addAuthorization(credentials, new Date(timeMs));
    return request;
  },
  authorizationOf: (signed) => v.parse(Signed, signed).headers.Authorization ?? '',
};

async function sdkCore(): Promise<Signing> {
  const { sign, dateTime, authorizationOf } = await loadSdkCoreSigner();
  return {
    sign: (query, timeMs) =>
      sign({
        ...KEYS,
        method: 'GET',
        uri: '/',
        query,
        headers: {},
        region: REGION,
        serviceName: 'vpc',
        host: HOST,
        // As it does by itself for the present, which cannot be chosen.
        timestamp: dateTime(new Date(timeMs)),
      }),
    authorizationOf,
  };
}

asContender(Config, async ({ contender, action, callsASecond, durations }) => {
  const { sign, authorizationOf } =
    contender === 'ours' ? ours : contender === 'openapi' ? openapi : await sdkCore();
  const queries = queriesOf(action);
  const [first = {}] = queries;
  const stepMs = 1_000 / callsASecond;
  const sample = measureSync(
    (index) => sign(queries[index % queries.length] ?? first, STARTED_AT + index * stepMs),
    durations,
  );
  return { sample, authorization: authorizationOf(sign(first, STARTED_AT)) };
});
