import { describe, expect, test } from 'vitest';
import { GITHUB_PAYLOADS, TERRAFORM_PAYLOADS } from '../fixtures/webhooks/payloads.ts';
import {
  GITHUB_SENDER,
  SENDERS,
  type Sender,
  STANDARD,
  sourcesFor,
  TERRAFORM_SENDER,
} from '../fixtures/webhooks/senders.ts';
import { START } from '../support/fakes/activations.ts';
import { createWebhookReceiver } from '../support/fakes/webhook-receiver.ts';

const ID = '72d3162e-cc78-11e3-81ab-4c9367dc0958';

async function deliver(sender: Sender, payload: unknown, base64 = false, secret?: string) {
  const receiver = createWebhookReceiver(sourcesFor([sender]));
  const body = Buffer.from(JSON.stringify(payload));
  const headers = await sender.sign(body, { id: ID, at: START, ...(secret && { secret }) });
  return { ...(await receiver.post({ source: sender.source, headers, body, base64 })), ...receiver };
}

/** What each sender's own library, or its documented algorithm, signs: taken as it is meant, in both transports. */
describe.each(SENDERS.map((sender) => [sender.source, sender] as const))('%s', (_source, sender) => {
  test.each([
    ['as text', false],
    ['in base64', true],
  ])('a signed delivery, %s', async (_transport, base64) => {
    const { status, body, store } = await deliver(sender, sender.payload(['fl-1']), base64);
    expect(status).toBe(202);
    expect(body.activations).toMatchObject([{ flowLogId: 'fl-1', status: 'queued', joined: false }]);
    expect([...store.batches.values()]).toMatchObject([{ source: `webhook:${sender.source}` }]);
  });

  test('the same, signed with another secret, is refused', async () => {
    const other =
      sender === STANDARD ? 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD' : 'another secret, long enough';
    const { status, store } = await deliver(sender, sender.payload(['fl-1']), false, other);
    expect([status, store.writes]).toEqual([401, []]);
  });
});

describe('GitHub', () => {
  const sourceFor = (select: Record<string, string>, when?: string): Sender => ({
    ...GITHUB_SENDER,
    options: { ...GITHUB_SENDER.options, select, ...(when && { when }) },
  });

  test('repository_dispatch: ids, region and metadata are picked from the payload', async () => {
    const payload = GITHUB_PAYLOADS.repository_dispatch(['fl-1', 'fl-2', 'fl-1']);
    const { body, store } = await deliver(GITHUB_SENDER, payload);
    expect(body.activations).toMatchObject([
      { flowLogId: 'fl-1', region: 'cn-shanghai' },
      { flowLogId: 'fl-2', region: 'cn-shanghai' },
    ]);
    expect([...store.batches.values()]).toMatchObject([
      { metadata: { ticket: '4711', urgent: 'true', repository: 'octo-org/network' } },
    ]);
  });

  test('push to the main branch, with text beyond ASCII', async () => {
    const sender = sourceFor({ flowLogIds: 'commits[].message' }, "ref == 'refs/heads/main'");
    const { status, body } = await deliver(sender, GITHUB_PAYLOADS.push(['fl-1', 'fl-2']));
    expect(status).toBe(202);
    expect(body.activations).toHaveLength(2);
  });

  test('workflow_run: ids that the configuration names', async () => {
    const when =
      "action == 'completed' && workflow_run.conclusion == 'success' && workflow_run.name == 'apply'";
    const sender = sourceFor({ flowLogIds: '`["fl-1", "fl-2"]`' }, when);
    expect((await deliver(sender, GITHUB_PAYLOADS.workflow_run([]))).body.activations).toHaveLength(2);
    const { status, store } = await deliver(sender, GITHUB_PAYLOADS.push([]));
    expect([status, store.writes]).toEqual([204, []]);
  });

  test('a form, as GitHub posts unless told otherwise', async () => {
    const receiver = createWebhookReceiver(sourcesFor([GITHUB_SENDER]));
    const payload = JSON.stringify(GITHUB_SENDER.payload(['fl-1']));
    const body = Buffer.from(new URLSearchParams({ payload }).toString());
    const signed = await GITHUB_SENDER.sign(body, { id: ID, at: START });
    const headers = { ...signed, 'content-type': 'application/x-www-form-urlencoded' };
    expect((await receiver.post({ source: 'github', headers, body, base64: true })).status).toBe(202);
    expect((await receiver.post({ source: 'github', headers, body })).status).toBe(202);
    expect(receiver.store.batches.size).toBe(1);
  });

  test('ping, which no filter was written for', async () => {
    const { status, text, store } = await deliver(GITHUB_SENDER, GITHUB_PAYLOADS.ping());
    expect([status, text, store.writes]).toEqual([204, undefined, []]);
  });
});

describe('Terraform Cloud', () => {
  test.each([
    ['with a filter', TERRAFORM_SENDER.options.when],
    ['without one', undefined],
  ])('the verification of a new notification, %s', async (_filter, when) => {
    const sender = { ...TERRAFORM_SENDER, options: { ...TERRAFORM_SENDER.options, when } };
    const { status, text, store } = await deliver(sender, TERRAFORM_PAYLOADS.verification());
    expect([status, text, store.writes]).toEqual([204, undefined, []]);
    expect((await deliver(sender, TERRAFORM_PAYLOADS.run(['fl-1']))).status).toBe(202);
  });

  test('the documented algorithm, on a digest from elsewhere', async () => {
    // openssl dgst -sha512 -hmac 'the secret of terraform, long enough'
    const receiver = createWebhookReceiver(sourcesFor([TERRAFORM_SENDER]));
    const headers = { 'x-tfe-notification-signature': OPENSSL_SHA512 };
    expect((await receiver.post({ source: 'terraform', headers, body: '{}' })).status).toBe(204);
    expect((await receiver.post({ source: 'terraform', headers, body: '{ }' })).status).toBe(401);
  });
});

describe('Standard Webhooks', () => {
  test('several signatures, of which one is ours; other versions are passed over', async () => {
    const receiver = createWebhookReceiver(sourcesFor([STANDARD]));
    const body = Buffer.from(JSON.stringify(STANDARD.payload(['fl-1'])));
    const signing = { id: 'msg_1', at: START };
    const ours = await STANDARD.sign(body, signing);
    const other = await STANDARD.sign(body, { ...signing, secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD' });
    const asymmetric = `v1a,${'A'.repeat(86)}==`;
    const signatures = [asymmetric, other['webhook-signature'], ours['webhook-signature']].join(' ');
    const headers = { ...ours, 'webhook-signature': signatures };
    expect((await receiver.post({ source: 'pipeline', headers, body })).status).toBe(202);
  });
});

const OPENSSL_SHA512 =
  '4543676f2a9743604e83b3968487778c80a0c4cf6dc4a84fc6c61b8d3bd1d725f24aea0148be7329ff915ee703d1537f4cfd5fac775969fbcccb50e067a4fa1f';
