import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { onTestFinished } from 'vitest';
import { closeServer, listenOnLoopback } from '../../local/loopback-server.ts';

type Claims = Partial<{ iss: string; aud: string | string[]; sub: string; iat: number; exp: number }>;

export const AUDIENCE = 'sts.volcengineapi.com';
export const SUBJECT = 'arn:aws:iam::123456789012:role/flow-log-activator-prod-ActivateFlowLogRole-1A2B3C';

/** An issuer that shows the key of one algorithm, until the test is over. It signs whatever it is told to. */
export async function startIssuer(now: () => number, algorithm = 'RS256') {
  const kid = 'key-1';
  const { publicKey, privateKey } = await generateKeyPair(algorithm);
  const foreign = await generateKeyPair(algorithm);
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' }] };
  let url = '';
  const server = createServer((request, response) => {
    const isDiscovery = request.url === '/.well-known/openid-configuration';
    const body = isDiscovery ? { issuer: url, jwks_uri: `${url}/.well-known/jwks.json` } : jwks;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  url = `http://127.0.0.1:${await listenOnLoopback(server, 0)}`;
  onTestFinished(() => closeServer(server));

  const sign = (claims: Claims, key = privateKey, header = { alg: algorithm, kid }) => {
    const iat = Math.floor(now() / 1_000);
    const usual = { iss: url, aud: AUDIENCE, sub: SUBJECT, iat, exp: iat + 300 };
    return new SignJWT({ ...usual, ...claims }).setProtectedHeader(header).sign(key);
  };
  return {
    url,
    sign,
    /** By a key that the issuer does not show, under the id of the one that it does. */
    forge: (claims: Claims) => sign(claims, foreign.privateKey),
    /** By a key with an id that it does not show. */
    signUnknown: (claims: Claims) => sign(claims, privateKey, { alg: algorithm, kid: 'key-2' }),
  };
}
