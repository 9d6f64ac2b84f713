import { describe, expect, it } from 'vitest';
import { handlerResponse } from '../../../local/http-api/handler-response.ts';

function responseTo(result: unknown) {
  const { status, headers, body } = handlerResponse(JSON.stringify(result));
  return { status, headers, body: body.toString() };
}

const json = { 'content-type': 'application/json' };

describe('handlerResponse', () => {
  it.each([
    ['an object', { a: 1 }, '{"a":1}'],
    ['text', 'hello', 'hello'],
    ['null', null, 'null'],
  ])('is a 200 with the result as its body without a statusCode: %s', (_, result, body) => {
    expect(responseTo(result)).toEqual({ status: 200, headers: json, body });
  });

  it('takes status, headers, cookies and body from the result', () => {
    const cookies = ['a=1', 'b=2'];
    const result = { statusCode: 201, headers: { Location: '/x', 'X-N': 1 }, cookies, body: 'hi' };
    const type = { 'content-type': 'text/plain;charset=UTF-8' };
    const headers = { ...type, location: '/x', 'x-n': '1', 'set-cookie': cookies };
    expect(responseTo(result)).toEqual({ status: 201, headers, body: 'hi' });
  });

  it('decodes a base64 body and keeps the content type', () => {
    const headers = { 'Content-Type': 'image/png' };
    const result = { statusCode: '200', headers, body: 'aGk=', isBase64Encoded: true };
    expect(responseTo(result)).toEqual({ status: 200, headers: { 'content-type': 'image/png' }, body: 'hi' });
  });

  it.each([
    ['a status that is none', { statusCode: 'none' }],
    ['a status out of range', { statusCode: 42 }],
    ['a body that is not text', { statusCode: 200, body: { a: 1 } }],
    ['headers that are a list', { statusCode: 200, headers: [['a', 'b']] }],
  ])('is a 500 for %s', (_, result) => {
    const body = '{"message":"Internal Server Error"}';
    expect(responseTo(result)).toEqual({ status: 500, headers: json, body });
  });
});
