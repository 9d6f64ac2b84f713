import { describe, expect, it } from 'vitest';
import { type HttpRequest, requestEvent } from '../../../local/http-api/request-event.ts';

function eventOf(request: Partial<HttpRequest>, pathParameters = {}, iam = false) {
  return requestEvent(
    { method: 'POST', target: '/', headers: {}, body: Buffer.alloc(0), sourceIp: '127.0.0.1', ...request },
    {
      routeKey: 'POST /x/{id}',
      pathParameters,
      requestId: 'request-1',
      now: new Date('2026-03-12T19:03:58.123Z'),
      accountId: '000000000000',
      iam,
    },
  );
}

describe('requestEvent', () => {
  it('gives the path decoded and the query as it was sent', () => {
    const event = eventOf({ target: '/x/a%20b?q=%20a&q=b&empty=' }, { id: 'a b' });
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'POST /x/{id}',
      rawPath: '/x/a b',
      rawQueryString: 'q=%20a&q=b&empty=',
      queryStringParameters: { q: ' a,b', empty: '' },
      pathParameters: { id: 'a b' },
    });
  });

  it('names the caller where a route wants IAM authorisation, and nobody elsewhere', () => {
    const iam = { accountId: '000000000000', userArn: 'arn:aws:iam::000000000000:user/local' };
    expect(eventOf({}, {}, true)).toMatchObject({ requestContext: { authorizer: { iam } } });
    expect(eventOf({}).requestContext).not.toHaveProperty('authorizer');
  });

  it('leaves out what the request has not', () => {
    const event = eventOf({});
    for (const name of ['body', 'cookies', 'queryStringParameters', 'pathParameters']) {
      expect(event).not.toHaveProperty(name);
    }
    expect(event).toMatchObject({ rawQueryString: '', isBase64Encoded: false });
  });

  it('takes the cookies out of the headers, and joins what came twice', () => {
    const cookie = ['a=1; b=2', 'c=3'];
    const event = eventOf({ headers: { cookie, 'idempotency-key': ['x', 'y'], host: ['api.local:3000'] } });
    expect(event.cookies).toEqual(['a=1', 'b=2', 'c=3']);
    expect(event.headers).toEqual({ 'idempotency-key': 'x,y', host: 'api.local:3000' });
    expect(event.requestContext).toMatchObject({ domainName: 'api.local:3000', domainPrefix: 'api' });
  });

  it.each([
    ['application/json', false],
    ['application/json; charset=utf-8', false],
    ['Application/Problem+JSON', false],
    ['text/plain', false],
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
    ['', true],
  ])('has a body of type "%s" in base64: %s', (contentType, isBase64Encoded) => {
    const event = eventOf({ headers: { 'content-type': [contentType] }, body: Buffer.from('{"ä":1}') });
    const encoding = isBase64Encoded ? 'base64' : 'utf8';
    expect(event).toMatchObject({ isBase64Encoded, body: Buffer.from('{"ä":1}').toString(encoding) });
  });

  it('has a body of text that is not UTF-8 in base64, byte for byte', () => {
    const body = Buffer.from([0x22, 0xff, 0xfe, 0x22]);
    const event = eventOf({ headers: { 'content-type': ['application/json'] }, body });
    expect(event).toMatchObject({ isBase64Encoded: true, body: body.toString('base64') });
  });

  it('describes the request as API Gateway does', () => {
    const headers = { 'user-agent': ['curl'] };
    const { requestContext } = eventOf({ method: 'GET', target: '/x/7', headers });
    expect(requestContext).toMatchObject({
      http: { method: 'GET', path: '/x/7', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'curl' },
      requestId: 'request-1',
      routeKey: 'POST /x/{id}',
      stage: '$default',
      time: '12/Mar/2026:19:03:58 +0000',
      timeEpoch: 1773342238123,
    });
  });

  it('keeps a path that is not valid percent-encoding', () => {
    expect(eventOf({ target: '/x/%zz?a' })).toMatchObject({ rawPath: '/x/%zz', rawQueryString: 'a' });
  });
});
