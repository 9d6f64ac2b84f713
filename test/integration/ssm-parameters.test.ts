import { SSMClient } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createParameterReader } from '../../lib/aws/ssm-parameters.ts';
import { entriesOf } from '../../lib/config/configuration-parameters.ts';
import { joinAccounts } from '../../lib/config/stored-accounts.ts';
import { LOCAL_ACCESS } from '../support/local-access.ts';
import { startServer } from '../support/start-server.ts';

const PATH = '/flow-log-activator/dev';
const requestBody = v.object({
  Path: v.string(),
  Recursive: v.boolean(),
  WithDecryption: v.boolean(),
  MaxResults: v.number(),
  NextToken: v.optional(v.string()),
});
const namedBody = v.object({ Names: v.array(v.string()), WithDecryption: v.literal(true) });
type Request = v.InferOutput<typeof requestBody>;
type Stored = { Name: string; Value: string; Type?: string };

const account = (number: number): Stored => ({
  Name: `${PATH}/accounts/account-${number}`,
  Value: JSON.stringify({
    assumeRole: { roleTrn: `trn:iam::2100000${number}:role/flow-logs`, via: 'default' },
  }),
});

/**
 * As GetParametersByPath pages, and GetParameters refuses `locked`. `refuse` returns the code of an error for a page, by
 * how many there were before.
 */
async function startStore(
  stored: Stored[],
  refuse: (request: Request, count: number) => string | undefined,
  locked: string[] = [],
) {
  const requests: Request[] = [];
  let named = 0;
  const endpoint = await startServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      const end = (answer: object, status = 200) => {
        response.statusCode = status;
        response.end(JSON.stringify(answer));
      };
      const refused = (code: string) => end({ __type: code, message: 'no' }, 400);
      if (String(request.headers['x-amz-target']).endsWith('.GetParameters')) {
        const { Names } = v.parse(namedBody, body);
        named += 1;
        if (Names.some((name) => locked.includes(name))) refused('InvalidKeyId');
        else end({ Parameters: stored.filter(({ Name }) => Names.includes(Name)) });
        return;
      }
      const asked = v.parse(requestBody, body);
      const code = refuse(asked, requests.length);
      requests.push(asked);
      if (code !== undefined) {
        refused(code);
        return;
      }
      const from = Number(asked.NextToken ?? 0);
      const page = stored.slice(from, from + asked.MaxResults).map((each) => ({ Type: 'String', ...each }));
      const next = from + asked.MaxResults;
      end({ Parameters: page, ...(next < stored.length && { NextToken: String(next) }) });
    });
  });
  const client = new SSMClient({ ...LOCAL_ACCESS, endpoint });
  onTestFinished(() => client.destroy());
  return { requests, namedCalls: () => named, read: createParameterReader(client) };
}

describe('the parameters of a path', () => {
  test('300 accounts are read in 30 calls of ten, and all are used', async () => {
    const store = await startStore(
      Array.from({ length: 300 }, (_, number) => account(number)),
      () => undefined,
    );
    const found = entriesOf(PATH, await store.read(PATH));
    expect(store.requests).toHaveLength(30);
    expect(store.requests[0]).toEqual({ Path: PATH, Recursive: true, WithDecryption: true, MaxResults: 10 });
    const { accounts, problems } = joinAccounts(new Map([['default', undefined]]), found);
    expect(accounts.size).toBe(301);
    expect(problems.size).toBe(0);
  });

  test('a page that is throttled is asked for again, and no other', async () => {
    const store = await startStore(
      Array.from({ length: 25 }, (_, number) => account(number)),
      (_request, count) => (count === 1 ? 'ThrottlingException' : undefined),
    );
    expect(await store.read(PATH)).toHaveLength(25);
    expect(store.requests.map(({ NextToken }) => NextToken)).toEqual([undefined, '10', '10', '20']);
  });

  test('those that cannot be decrypted hide no other, not even another SecureString', async () => {
    const stored = Array.from({ length: 40 }, (_, number) => ({
      ...account(number),
      Type: number === 0 ? 'String' : 'SecureString',
    }));
    const locked = [7, 8, 33].map((number) => account(number).Name);
    const refuse = ({ WithDecryption }: Request) => (WithDecryption ? 'AccessDeniedException' : undefined);
    const store = await startStore(stored, refuse, locked);
    expect(await store.read(PATH)).toEqual(
      stored.map(({ Name, Value }) =>
        locked.includes(Name) ? { name: Name } : { name: Name, value: Value },
      ),
    );
    expect(store.namedCalls()).toBeLessThan(25);
  });

  test('a path that may not be listed is an error', async () => {
    const store = await startStore([], () => 'AccessDeniedException');
    await expect(store.read(PATH)).rejects.toThrow(
      expect.objectContaining({ name: 'AccessDeniedException' }),
    );
  });
});
