import { configurationSettings } from '../../lib/config/configuration-source.ts';
import { readSettings } from '../../lib/config/settings.ts';
import { lockDataDir } from '../data-dir-lock.ts';
import { startEventBridge } from '../eventbridge/server.ts';
import { startSts } from '../sts/start-sts.ts';
import { ORPHAN_END_MS, type Service } from '../supervisor/child-side.ts';
import type { CloudConfig, CloudReady } from '../supervisor/messages.ts';
import { startFakeVolcengine } from '../volcengine/start-fake-volcengine.ts';
import { createAwsClients } from './aws-clients.ts';
import { tableDefinitions } from './create-tables.ts';
import { deliverToQueue } from './deliver-to-queue.ts';
import { startDynamoDb } from './dynamodb-emulator.ts';
import { type Emulator, external } from './emulator.ts';
import { fakeCredentials, fakeRoles } from './fake-credentials.ts';
import { followConfiguration } from './follow-configuration.ts';
import { provision } from './provision.ts';
import { repairIndexes } from './repair-indexes.ts';
import { startSqs } from './sqs-emulator.ts';

/** Starts every service that is not external, and creates the resources of the template. */
export async function startCloud(config: CloudConfig): Promise<Service> {
  const { settings, stack, template } = config;
  await lockDataDir(settings.dataDir, 'cloud', ORPHAN_END_MS);

  const sts = await startSts({ region: stack.region, account: stack.accountId });
  const [sqs, dynamodb, volcengine] = await Promise.all([
    settings.external.sqs ? external(settings.external.sqs) : startSqs(),
    settings.external.dynamodb
      ? external(settings.external.dynamodb)
      : startDynamoDb(settings.dataDir, [...tableDefinitions(template, stack).values()]),
    startVolcengine(config, sts.url),
  ]);
  const deliveryClients = createAwsClients(
    { sqs: sqs.url, dynamodb: dynamodb.url, eventbridge: '' },
    settings.aws,
    settings.external,
  );
  const eventbridge = settings.external.eventbridge
    ? external(settings.external.eventbridge)
    : await startEventBridge({
        region: stack.region,
        account: stack.accountId,
        deliver: deliverToQueue(deliveryClients.sqs),
      });

  const endpoints = {
    sqs: sqs.url,
    dynamodb: dynamodb.url,
    eventbridge: eventbridge.url,
    sts: sts.url,
    volcengine: volcengine.url,
  };
  const clients = createAwsClients(endpoints, settings.aws, settings.external);
  const { resources, asyncQueues, tableNames, eventsQueueUrl } = await provision(clients, template, stack);
  if ('wasKilled' in dynamodb && dynamodb.wasKilled) {
    for (const tableName of tableNames) {
      const repaired = await repairIndexes(clients.dynamodb, tableName);
      if (repaired > 0) console.log(`${tableName}: ${repaired} items repaired after a kill`);
    }
  }
  const ready: CloudReady = {
    endpoints,
    resources: [...resources],
    asyncQueues,
    eventsQueueUrl,
    ...(volcengine.keys && { volcengineKeys: volcengine.keys }),
  };
  return {
    ready,
    async stop() {
      await Promise.allSettled(
        [sqs, dynamodb, eventbridge, sts, volcengine].map((emulator) => emulator.close()),
      );
    },
  };
}

type Keys = { accessKey: string; secretKey: string };

/**
 * `issuerUrl`: whose tokens it accepts. `keys`: the keys of the first account. The functions use them unless the user
 * has set others.
 */
async function startVolcengine(
  { settings, fake }: CloudConfig,
  issuerUrl: string,
): Promise<Emulator & { keys?: Keys }> {
  if (settings.external.volcengine) return external(settings.external.volcengine);
  const credentials = fake.credentials ?? fakeCredentials(settings.overrides);
  const roles = fake.roles ?? fakeRoles(settings.overrides, issuerUrl);
  const started = await startFakeVolcengine({
    ...fake,
    credentials,
    ...(roles && { roles }),
    dataDir: settings.dataDir,
  });
  const file = configurationFileOf(settings.overrides);
  const isDecided = fake.credentials !== undefined || fake.roles !== undefined;
  const stopFollowing =
    file === undefined || isDecided
      ? () => {}
      : await followConfiguration(file, started, (stored) => ({
          roles: fakeRoles(settings.overrides, issuerUrl, stored) ?? null,
        }));
  const close = async () => {
    stopFollowing();
    await started.close();
  };
  const [first] = credentials;
  return {
    url: started.url,
    close,
    ...(first && { keys: { accessKey: first.accessKey, secretKey: first.secretKey } }),
  };
}

function configurationFileOf(overrides: Record<string, string>): string | undefined {
  const { configurationSource: source } = readSettings(configurationSettings, overrides);
  return source?.kind === 'file' ? source.path : undefined;
}
