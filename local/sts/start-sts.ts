import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { closeServer, listenOnLoopback } from '../loopback-server.ts';
import { readBody } from '../read-body.ts';
import { createIdentityTokens, type IdentityTokens, SIGNING_ALGORITHMS } from './identity-tokens.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const BODY_LIMIT_BYTES = 65_536;
const KEEP_ALIVE_MS = 60_000;

type Options = { region: string; account: string; now?: () => number };
type Answer = { status: number; type: 'application/json' | 'text/xml'; body: string };

/** Limits: API_GetWebIdentityToken. */
const Request = v.object({
  Action: v.literal('GetWebIdentityToken'),
  Version: v.literal('2011-06-15'),
  Audience: v.pipe(
    v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(1_000))),
    v.minLength(1),
    v.maxLength(10),
  ),
  SigningAlgorithm: v.picklist(SIGNING_ALGORITHMS),
  DurationSeconds: v.optional(
    v.pipe(v.string(), v.digits(), v.transform(Number), v.minValue(60), v.maxValue(3_600)),
    '300',
  ),
});

/**
 * AWS STS, as far as GetWebIdentityToken goes: the action by AWS's query protocol, and the issuer's documents that a
 * verifier reads. On a random port of the loopback interface; its URL is the issuer. Requests must be signed, but the
 * signature is not verified.
 */
export async function startSts({ region, account, now = Date.now }: Options) {
  let url = '';
  const tokens = createIdentityTokens({ issuer: () => url, region, account, now });
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    answer(tokens, request).then(
      ({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body),
      () => response.destroy(),
    );
  });
  const port = await listenOnLoopback(server, 0);
  url = `http://127.0.0.1:${port}`;
  return { url, close: () => closeServer(server) };
}

async function answer(tokens: IdentityTokens, request: IncomingMessage): Promise<Answer> {
  const issuer = tokens.issuer();
  if (request.url === '/.well-known/openid-configuration') {
    return json({
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      id_token_signing_alg_values_supported: SIGNING_ALGORITHMS,
    });
  }
  if (request.url === '/.well-known/jwks.json') return json(await tokens.jwks());
  const form = new URLSearchParams((await readBody(request, BODY_LIMIT_BYTES))?.toString());
  if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) {
    return failure(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token');
  }
  const members = (name: string, field = '') =>
    [...form]
      .filter(([key]) => new RegExp(`^${name}\\.member\\.\\d+${field}$`).test(key))
      .map(([, value]) => value);
  const parsed = v.safeParse(Request, { ...Object.fromEntries(form), Audience: members('Audience') });
  if (!parsed.success) {
    return failure(
      400,
      'ValidationError',
      `Not valid: ${parsed.issues.map((issue) => v.getDotPath(issue)).join()}`,
    );
  }
  const { Audience: audience, SigningAlgorithm: algorithm, DurationSeconds: durationSeconds } = parsed.output;
  const values = members('Tags', '\\.Value');
  const tags = Object.fromEntries(members('Tags', '\\.Key').map((key, index) => [key, values[index] ?? '']));
  const { token, expiresAt } = await tokens.issue({ audience, algorithm, durationSeconds, tags });
  const result = `<WebIdentityToken>${token}</WebIdentityToken><Expiration>${new Date(expiresAt * 1_000).toISOString()}</Expiration>`;
  return xml(
    200,
    'GetWebIdentityTokenResponse',
    `<GetWebIdentityTokenResult>${result}</GetWebIdentityTokenResult>`,
  );
}

const json = (body: unknown): Answer => ({
  status: 200,
  type: 'application/json',
  body: JSON.stringify(body),
});

function failure(status: number, code: string, message: string): Answer {
  return xml(
    status,
    'ErrorResponse',
    `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`,
  );
}

function xml(status: number, element: string, content: string): Answer {
  const metadata = `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`;
  const body = `<${element} xmlns="${NAMESPACE}">${content}${metadata}</${element}>`;
  return { status, type: 'text/xml', body };
}
