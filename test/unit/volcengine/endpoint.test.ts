import { expect, test } from 'vitest';
import { InvalidEndpointError, parseEndpoint } from '../../../lib/volcengine/endpoint.ts';

test.each([
  ['https://open.volcengineapi.com', 'https://open.volcengineapi.com', 'open.volcengineapi.com'],
  ['https://open.volcengineapi.com:443/', 'https://open.volcengineapi.com', 'open.volcengineapi.com'],
  ['https://open.volcengineapi.com:80', 'https://open.volcengineapi.com:80', 'open.volcengineapi.com:80'],
  ['HTTP://LocalHost:80', 'http://localhost', 'localhost'],
  ['http://127.0.0.1:3000', 'http://127.0.0.1:3000', '127.0.0.1:3000'],
  ['http://b\u00fccher.example', 'http://xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['http://[::1]:3000', 'http://[::1]:3000', '[::1]:3000'],
])('%s', (url, origin, host) => {
  expect(parseEndpoint(url)).toEqual({ origin, host });
});

test.each([
  ['', 'not a URL'],
  ['open.volcengineapi.com', 'not a URL'],
  ['localhost:3000', 'scheme'],
  ['ftp://open.volcengineapi.com', 'scheme'],
  ['https://user:hunter2@open.volcengineapi.com', 'password'],
  ['https://open.volcengineapi.com/vpc', 'path'],
  ['https://open.volcengineapi.com/?Action=x', 'query'],
  ['https://open.volcengineapi.com/#x', 'fragment'],
  ['https://open.volcengineapi.com?', 'query'],
  ['https://open.volcengineapi.com/#', 'fragment'],
  ['https://@open.volcengineapi.com', 'password'],
  ['http:open.volcengineapi.com', 'not written so'],
  ['http:/open.volcengineapi.com', 'not written so'],
  ['http:///open.volcengineapi.com', 'not written so'],
  ['http:\\\\open.volcengineapi.com', 'not written so'],
  [' http://open.volcengineapi.com', 'not written so'],
  ['http://open.volcengineapi.com\n', 'not written so'],
  ['http://open.volc\tengineapi.com', 'not written so'],
  ['http://open.volcengineapi.com:0', 'port 0'],
])('refuses "%s"', (url, why) => {
  expect(() => parseEndpoint(url)).toThrow(InvalidEndpointError);
  expect(() => parseEndpoint(url)).toThrow(why);
  expect(() => parseEndpoint(url)).not.toThrow('hunter2');
});
