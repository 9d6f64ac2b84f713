import type { LookupAddress } from 'node:dns';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCheckedLookup, urlRefusal } from '../../../../lib/webhooks/outbound/http/egress.ts';
import { nonPublicRangeOf } from '../../../../lib/webhooks/outbound/http/public-address.ts';

const PUBLIC = [
  ...['8.8.8.8', '1.1.1.1', '203.0.112.255', '100.63.255.255'],
  ...['2606:4700:4700::1111', '2a00:1450::1'],
];

/** The first and the last of every range that is not public, by the document that says so. */
const NOT_PUBLIC: [string, string[]][] = [
  ['RFC 791, this network', ['0.0.0.0', '0.255.255.255']],
  [
    'RFC 1918',
    ['10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255'],
  ],
  ['RFC 6598, carrier-grade NAT', ['100.64.0.0', '100.127.255.255', '100.100.100.200']],
  ['RFC 1122, loopback', ['127.0.0.0', '127.0.0.1', '127.255.255.255', '::1']],
  ['RFC 3927, link-local, with the metadata service', ['169.254.0.0', '169.254.169.254', '169.254.255.255']],
  ['RFC 6890, protocol assignments', ['192.0.0.0', '192.0.0.255']],
  ['RFC 5737, documentation', ['192.0.2.0', '198.51.100.255', '203.0.113.0', '203.0.113.255']],
  ['RFC 7526, 6to4 relays', ['192.88.99.1']],
  ['RFC 2544, benchmarking', ['198.18.0.0', '198.19.255.255']],
  ['RFC 5771, multicast', ['224.0.0.0', '239.255.255.255', 'ff00::', 'ff02::1']],
  ['RFC 1112, reserved, and broadcast', ['240.0.0.0', '255.255.255.254', '255.255.255.255']],
  [
    'RFC 4291, unspecified, mapped and compatible',
    ['::', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::7f00:1', '::808:808'],
  ],
  ['RFC 4291, link-local and site-local', ['fe80::1', 'fe80::1%eth0', 'febf::1', 'fec0::1']],
  ['RFC 4193, unique local, with the metadata service', ['fc00::', 'fd00:ec2::254', 'fdff::1']],
  ['RFC 6052 and 8215, NAT64', ['64:ff9b::7f00:1', '64:ff9b::808:808', '64:ff9b:1::a00:1']],
  ['RFC 3056, 6to4', ['2002:7f00:1::', '2002:808:808::1']],
  ['RFC 4380, Teredo', ['2001:0:7f00:1::', '2001::1']],
  ['RFC 2765, IPv4-translated', ['::ffff:0:7f00:1']],
  ['RFC 6666, discard', ['100::1']],
  ['RFC 3849 and 9637, documentation', ['2001:db8::1', '3fff::1']],
  ['RFC 5180, benchmarking', ['2001:2::1']],
  ['not given out', ['4000::1', 'abcd::1']],
  ['no address at all', ['', 'localhost', '127.1', '0x7f.1', '2130706433', '8.8.8.8.', '8.8.8.8/8']],
];

test.each(PUBLIC)('%s is public', (address) => expect(nonPublicRangeOf(address)).toBeUndefined());

describe.each(NOT_PUBLIC)('%s', (_name, addresses) => {
  test.each(addresses)('%s is not public', (address) =>
    expect(nonPublicRangeOf(address)).toEqual(expect.any(String)),
  );
});

test('an IPv4 address is public in no IPv6 clothes', () => {
  fc.assert(
    fc.property(fc.ipV4(), (v4) => {
      const [a = 0, b = 0, c = 0, d = 0] = v4.split('.').map(Number);
      const [high, low] = [(a << 8) | b, (c << 8) | d].map((part) => part.toString(16));
      for (const address of [
        `::ffff:${v4}`,
        `::${high}:${low}`,
        `64:ff9b::${high}:${low}`,
        `2002:${high}:${low}::1`,
        `2001:0:${high}:${low}::1`,
        `::ffff:0:${high}:${low}`,
      ]) {
        expect([address, nonPublicRangeOf(address)]).toEqual([address, expect.any(String)]);
      }
    }),
  );
});

const refusal = (url: string, egress: 'public-https' | 'unrestricted' = 'public-https') =>
  urlRefusal(new URL(url), egress);

describe('a URL to which nothing is sent', () => {
  test.each([
    ['http://hooks.example.com/', 'must be an https URL'],
    ['ftp://hooks.example.com/', 'must be an https URL'],
    ['https://user@hooks.example.com/', 'must not have a user name or password'],
    ['https://:secret@hooks.example.com/', 'must not have a user name or password'],
    ['https://hooks.example.com/#part', 'must not have a fragment'],
    ['https://127.0.0.1/', 'loopback'],
    ['https://127.1/', 'loopback'],
    ['https://2130706433/', 'loopback'],
    ['https://0x7f000001/', 'loopback'],
    ['https://0177.0.0.1/', 'loopback'],
    ['https://%31%32%37.0.0.1/', 'loopback'],
    ['https://①②⑦.⓪.⓪.①/', 'loopback'],
    ['https://127.0.0.1./', 'loopback'],
    ['https://0/', 'unspecified'],
    ['https://169.254.169.254/latest/meta-data', 'linkLocal'],
    ['https://0xa9fea9fe/', 'linkLocal'],
    ['https://[::1]/', 'loopback'],
    ['https://[::ffff:169.254.169.254]/', 'ipv4Mapped'],
    ['https://[::127.0.0.1]/', 'not global'],
    ['https://[fd00:ec2::254]/', 'uniqueLocal'],
  ])('%s', (url, why) => expect(refusal(url)).toContain(why));
});

test.each([
  'https://hooks.example.com/in?key=1',
  'https://hooks.example.com:8443/',
  'https://8.8.8.8/',
  'https://[2606:4700:4700::1111]/',
  'https://localhost/',
])('%s is left to the lookup', (url) => expect(refusal(url)).toBeUndefined());

test('unrestricted allows plain HTTP and any address, and no other scheme or credentials', () => {
  expect(refusal('http://127.0.0.1:4000/', 'unrestricted')).toBeUndefined();
  expect(refusal('file:///etc/passwd', 'unrestricted')).toContain(
    'or an http URL where plain HTTP is allowed',
  );
  expect(refusal('http://a:b@127.0.0.1/', 'unrestricted')).toBeDefined();
});

const asList = (addresses: string[]): LookupAddress[] =>
  addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

describe('the lookup', () => {
  const lookupOf = (...resolved: string[][]) => {
    let calls = 0;
    const lookup = createCheckedLookup(async () => asList(resolved[calls++] ?? []));
    return { all: promisify(lookup), lookup, calls: () => calls };
  };

  test('hands on exactly what was checked, having asked once', async () => {
    const { all, calls } = lookupOf(['8.8.8.8', '2606:4700::1'], ['127.0.0.1']);
    expect(await all('h', { all: true })).toEqual(asList(['8.8.8.8', '2606:4700::1']));
    expect(calls()).toBe(1);
    await expect(all('h', { all: true })).rejects.toThrow('not public (loopback)');
  });

  test('one address that is not public refuses all, and is not named', async () => {
    const { all } = lookupOf(['8.8.8.8', '169.254.169.254']);
    await expect(all('h', { all: true })).rejects.toMatchObject({
      code: 'RefusedAddress',
      message: 'the host resolves to an address that is not public (linkLocal)',
    });
  });

  test('gives one address to who asks for one, of the family asked for', async () => {
    const both = ['8.8.8.8', '2606:4700::1'];
    const { lookup } = lookupOf(both, both, ['8.8.8.8']);
    const one = (family?: number) =>
      new Promise((resolve) =>
        lookup('h', family === undefined ? {} : { family }, (error, ...found) => resolve(error ?? found)),
      );
    expect(await one()).toEqual(['8.8.8.8', 4]);
    expect(await one(6)).toEqual(['2606:4700::1', 6]);
    expect(await one(6)).toBeInstanceOf(Error);
  });

  test('a name that does not resolve is an error', async () => {
    const lookup = promisify(createCheckedLookup(async () => Promise.reject(new Error('ENOTFOUND'))));
    await expect(lookup('h', { all: true })).rejects.toThrow('ENOTFOUND');
  });
});
