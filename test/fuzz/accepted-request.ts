import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { require } from './surface.ts';
import type { World } from './world.ts';

const FIELDS = ['flowLogIds', 'region', 'account', 'metadata'];

const askedSchema = v.looseObject({
  flowLogIds: v.pipe(
    v.array(v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,64}$/))),
    v.minLength(1),
    v.maxLength(1_000),
  ),
  metadata: v.optional(
    v.custom<object>((value) => typeof value === 'object' && value !== null),
    {},
  ),
});
const answeredSchema = v.object({
  batchId: v.string(),
  activations: v.array(v.object({ flowLogId: v.string() })),
});

/** What was accepted was valid by a second opinion, and stands in the table as it was asked for, all of it. */
export function checkOpened(event: APIGatewayProxyEventV2, body: unknown, world: World): void {
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  const sent: unknown = JSON.parse(new TextDecoder().decode(bytes));
  const asked = v.safeParse(askedSchema, sent);
  require(asked.success, 'accepted, though it names no valid flow logs');
  const strangers = Object.keys(asked.output).filter((field) => !FIELDS.includes(field));
  require(strangers.length === 0, () => `accepted with unknown fields ${strangers}`);

  const { batchId, activations } = v.parse(answeredSchema, body);
  const batch = world.store.batches.get(batchId);
  require(batch !== undefined, 'accepted, but its batch is not in the table');
  const named = new Set(asked.output.flowLogIds);
  const answered = new Set(activations.map(({ flowLogId }) => flowLogId));
  require(answered.size === activations.length && answered.isSubsetOf(named), 'it answers other flow logs');
  require(named.isSubsetOf(answered), 'it answers not all flow logs');
  require(batch.flowLogs.length === named.size, 'the batch names other flow logs');
  const metadata = JSON.stringify(Object.entries(asked.output.metadata).sort(byKey));
  require(metadata ===
    JSON.stringify(Object.entries(batch.metadata).sort(byKey)), 'metadata was lost or changed');
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
