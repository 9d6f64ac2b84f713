import { glob, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { awsOf, listenersOf, readDeployment, secretsOf } from '../../clients/cli/deployment.ts';
import { readCommandLine, reportFailure } from '../../clients/terminal/command-line.ts';
import { endInterrupted, onStopSignal } from '../../local/stop-signals.ts';
import { buildFunctions } from '../../scripts/build.ts';
import { makeRelease } from '../../scripts/release.ts';
import { startMoto } from './moto-server.ts';
import { pythonTools } from './python.ts';

readCommandLine({
  command: 'npm run judge:deploy',
  about: `Deploys the folder of a release with the CloudFormation of moto (https://docs.getmoto.org), changes a setting, goes back,
and removes it. Fails when a step comes out otherwise than planned. Needs python3, and PyPI the first time.`,
  examples: [''],
});

const STAGE = 'prod';
const StackName = `flow-log-activator-${STAGE}`;
const REGION = 'us-east-1';
const BUCKET = 'releases';
const PREFIX = 'flow-log-activator/';

/** What moto cannot make: it has no alarms for the dashboard, and fails on the pattern of an archive. */
const BEYOND_MOTO = ['Dashboard', 'Archive'];
/** moto puts an object of its own where a reference to a bus is the bus's name. */
const BUS = [/\{"Ref":"EventBus"\}/g, `{"Fn::Sub":"flow-log-activator-\${Stage}"}`] as const;

/** moto keeps a number of a parameter as a number. */
const text = v.pipe(v.union([v.string(), v.number()]), v.transform(String));
const Functions = v.object({
  Functions: v.array(
    v.object({
      FunctionName: v.string(),
      Environment: v.object({ Variables: v.record(v.string(), text) }),
    }),
  ),
});

async function main(directory: string): Promise<void> {
  await buildFunctions();
  const folder = join(directory, 'release');
  await makeRelease({ stage: 'dev', settings: {}, outDir: folder });
  const moto = await startMoto(await pythonTools());
  // Also what the command builds for itself talks to moto.
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: moto.url,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'moto',
    AWS_SECRET_ACCESS_KEY: 'moto',
  });
  try {
    await upload(moto.url, folder);
    await play(moto.url);
  } finally {
    await moto.stop();
  }
}

async function upload(url: string, folder: string): Promise<void> {
  const put = async (path: string, body?: Buffer | string) => {
    const response = await fetch(`${url}/${BUCKET}/${path}`, { method: 'PUT', ...(body && { body }) });
    if (!response.ok) throw new Error(`moto's S3 refuses ${path}: ${response.status}`);
  };
  await put('');
  for await (const path of glob('functions/*.zip', { cwd: folder })) {
    await put(`${PREFIX}${path}`, await readFile(join(folder, path)));
  }
  const template = JSON.parse(await readFile(join(folder, 'template.json'), 'utf8'));
  for (const id of BEYOND_MOTO) delete template.Resources[id];
  await put('template.json', JSON.stringify(template).replaceAll(...BUS));
}

async function play(url: string): Promise<void> {
  const stacks = new CloudFormationClient({});
  const request = (settings: Record<string, string>) => ({
    StackName,
    TemplateURL: `https://${BUCKET}.s3.amazonaws.com/template.json`,
    Capabilities: ['CAPABILITY_IAM' as const],
    Parameters: Object.entries({ Stage: STAGE, CodeBucket: BUCKET, CodePrefix: PREFIX, ...settings }).map(
      ([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }),
    ),
  });
  const status = async () => {
    const { Stacks = [] } = await stacks.send(new DescribeStacksCommand({ StackName }));
    return Stacks[0]?.StackStatus;
  };
  const rates = async () => {
    const rate = (await functionsOf(url)).map(
      ({ Environment }) => Environment.Variables.RATE_LIMIT_PER_SECOND,
    );
    return [...new Set(rate.filter((each) => each !== undefined))];
  };

  await stacks.send(new CreateStackCommand(request({})));
  const names = (await functionsOf(url)).map(({ FunctionName }) => FunctionName);
  expectEqual('it is created', [await status(), await rates()], ['CREATE_COMPLETE', ['4']]);
  expectEqual(
    'each function has the name of the stage',
    names.filter((name) => !name.startsWith(`${StackName}-`)),
    [],
  );

  const deployment = await readDeployment(STAGE, { region: REGION });
  const aws = await awsOf({ region: REGION });
  const [secrets, listeners] = [await secretsOf(deployment, aws), await listenersOf(deployment, aws)];
  expectEqual(
    'doctor names the secret that is missing, and that nobody hears the alarms',
    [secrets?.found, listeners?.found],
    [`missing: flow-log-activator/${STAGE}/default.`, 'heard by nobody'],
  );

  await stacks.send(new UpdateStackCommand(request({ RatePerSecond: '10' })));
  expectEqual('a setting is changed', [await status(), await rates()], ['UPDATE_COMPLETE', ['10']]);
  await stacks.send(new UpdateStackCommand(request({ RatePerSecond: '4' })));
  expectEqual('and changed back', [await status(), await rates()], ['UPDATE_COMPLETE', ['4']]);

  await stacks.send(new DeleteStackCommand({ StackName }));
  const { TableNames = [] } = await new DynamoDBClient({}).send(new ListTablesCommand({}));
  expectEqual(
    'it is removed, and the table is kept',
    [await functionsOf(url), TableNames.map((name) => name.replace(/-[A-Z\d]+$/, ''))],
    [[], [`${StackName}-ActivationsTable`]],
  );
}

/** moto finds the service in the signature, which it does not check. */
async function functionsOf(url: string): Promise<v.InferOutput<typeof Functions>['Functions']> {
  const Credential = `moto/20260101/${REGION}/lambda/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${Credential}, SignedHeaders=host, Signature=0`;
  const response = await fetch(`${url}/2015-03-31/functions/`, { headers: { authorization } });
  return v.parse(Functions, await response.json()).Functions;
}

function expectEqual(what: string, found: unknown, planned: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(planned)];
  if (one !== other)
    throw new Error(`DIFFERENT  ${what}\n           found   ${one}\n           planned ${other}`);
  console.log(`as planned  ${what}`);
}

const directory = await mkdtemp(join(tmpdir(), 'flow-log-activator-deploy-'));
onStopSignal((signal) => endInterrupted(signal, directory));
await main(directory).catch(reportFailure);
await rm(directory, { recursive: true, force: true });
