import { describe, expect, it } from 'vitest';
import { foreignSign } from '../../../lib/http/foreign-request.ts';

const host = '127.0.0.1:3000';

describe('a request that no foreign web page has sent', () => {
  it.each([
    { host },
    { host: 'localhost:3000' },
    { host: 'LOCALHOST' },
    { host: '[::1]:3000' },
    { host: 'sqs.us-east-1.localhost:3000' },
    {},
    { host, 'sec-fetch-site': 'none' },
    { host, 'sec-fetch-site': 'same-origin' },
    { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' },
    { host: 'localhost', origin: 'http://localhost' },
  ])('is let through: %j', (headers) => {
    expect(foreignSign(headers)).toBeUndefined();
  });
});

describe('a request of a foreign web page', () => {
  it.each([
    ['Host', { host: 'evil.example:3000' }],
    ['Host', { host: 'evil.example' }],
    ['Host', { host: '127.0.0.1.evil.example' }],
    ['Host', { host: 'localhost.evil.example' }],
    ['Host', { host: 'evil.localhost' }],
    ['Host', { host: 'sqs.evil.example.localhost' }],
    ['Host', { host: '127.0.0.1@evil.example' }],
    ['Host', { host: 'localhost:3000, evil.example' }],
    ['Host', { host: '0.0.0.0:3000' }],
    ['Host', { host: '' }],
    ['Host', { host: 'evil.example', origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' }],
    ['Origin', { host, origin: 'https://evil.example' }],
    ['Origin', { host, origin: 'http://127.0.0.1:5173' }],
    ['Origin', { host, origin: 'http://localhost:3000' }],
    ['Origin', { host, origin: `https://${host}` }],
    ['Origin', { host, origin: 'null' }],
    ['Origin', { host, origin: '' }],
    ['Origin', { host, origin: `http://${host}.evil.example` }],
    ['Sec-Fetch-Site', { host, 'sec-fetch-site': 'cross-site' }],
    ['Sec-Fetch-Site', { host, 'sec-fetch-site': 'same-site' }],
    ['Sec-Fetch-Site', { host, 'sec-fetch-site': 'none, cross-site' }],
    ['Sec-Fetch-Site', { host, 'sec-fetch-site': '' }],
  ])('shows itself by %s: %j', (name, headers) => {
    expect(foreignSign(headers)).toContain(`The ${name} header`);
  });
});
