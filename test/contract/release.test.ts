import { createHash } from 'node:crypto';
import { readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { settleConditions } from '../../local/template/conditions.ts';
import { resolveIntrinsics } from '../../local/template/intrinsics.ts';
import { physicalResources } from '../../local/template/physical-resources.ts';
import { buildFunctions } from '../../scripts/build.ts';
import { InvalidConfigurationError } from '../../scripts/check-template.ts';
import { compileTemplate, parseTemplate, type Template } from '../../scripts/compile-template.ts';
import { fillParameters } from '../../scripts/fill-parameters.ts';
import { makeRelease } from '../../scripts/release.ts';
import { LONGEST_STAGE } from '../../scripts/stage-option.ts';
import { tempDir } from '../support/temp-dir.ts';
import { PARTITIONS, REGIONS, variantsOf } from '../support/template-variants.ts';
import { findingsOf } from './template-findings.ts';

let folder: string;
let files: string[];
let template: Template;

const textOf = (path: string) => readFile(join(folder, path), 'utf8');
/** The stack that CloudFormation makes of it. */
const stackOf = (stage: string) => fillParameters(template, { stage, codeBucket: 'releases' });

beforeAll(async () => {
  const built = await buildFunctions();
  folder = join(await tempDir(afterAll), 'release');
  files = await makeRelease({ stage: 'dev', settings: {}, outDir: folder });
  template = parseTemplate(await textOf('template.json'));
  // The second one is of files of another time.
  for (const { path } of built) await utimes(path, 1, 1);
}, 240_000);

test('the same code gives the same bytes, also at another time', async () => {
  const outDir = join(await tempDir(), 'again');
  expect(await makeRelease({ stage: 'dev', settings: {}, outDir })).toEqual(files);
  expect(await readFile(join(outDir, 'SHA256SUMS'), 'utf8')).toBe(await textOf('SHA256SUMS'));
}, 240_000);

test('the checksums are those of all other files', async () => {
  const sums = (await textOf('SHA256SUMS')).trim().split('\n');
  const found = sums.map((line) => line.split('  '));
  expect(found.map(([, path]) => path)).toEqual(files.filter((path) => path !== 'SHA256SUMS'));
  for (const [sum, path = ''] of found) {
    const content = await readFile(join(folder, path));
    expect(createHash('sha256').update(content).digest('hex')).toBe(sum);
  }
});

test('settings that cannot be deployed leave no folder', async () => {
  const outDir = join(await tempDir(), 'wrong');
  const webhookSources = '{"github": {"scheme": "none"}}';
  const made = makeRelease({ stage: 'dev', settings: { webhookSources }, outDir });
  await expect(made).rejects.toThrow(InvalidConfigurationError);
  await expect(readFile(join(outDir, 'template.json'))).rejects.toThrow('ENOENT');
}, 240_000);

describe('the SBOM', () => {
  const Bom = v.object({
    components: v.array(v.object({ name: v.string(), version: v.string(), licenses: v.array(v.unknown()) })),
  });
  let components: v.InferOutput<typeof Bom>['components'];
  beforeAll(async () => {
    components = v.parse(Bom, JSON.parse(await textOf('sbom.cdx.json'))).components;
  });

  test('names every package whose licence is in the folder, in its version', async () => {
    const licenses = await textOf('THIRD-PARTY-LICENSES.txt');
    const bundled = [...licenses.matchAll(/^(\S+) (\d+\.\d+\.\d+\S*) \([\w.-]+\)$/gm)];
    expect(bundled.length).toBeGreaterThan(20);
    const known = new Set(components.map(({ name, version }) => `${name} ${version}`));
    expect(
      bundled.map(([, name, version]) => `${name} ${version}`).filter((each) => !known.has(each)),
    ).toEqual([]);
  });

  test('has no dev dependency, and no address of a registry', async () => {
    const names = components.map(({ name }) => name);
    for (const dev of ['vitest', 'typescript', 'osls', 'esbuild']) expect(names).not.toContain(dev);
    const addresses = (await textOf('sbom.cdx.json')).match(/https?:\/\/[^"]+/g);
    expect(addresses).toEqual(['http://cyclonedx.org/schema/bom-1.5.schema.json']);
  });
});

describe('the template', () => {
  test('makes the stack that `npm run deploy` makes, but for the place of the code', async () => {
    const ours = stackOf('dev');
    const theirs = await compileTemplate();
    const withoutCode = (stack: Template) =>
      Object.fromEntries(
        Object.entries(stack.Resources)
          .filter(([id]) => !id.startsWith('ServerlessDeploymentBucket'))
          .map(([id, { Properties, ...resource }]) => [id, { ...resource, ...Properties, Code: undefined }]),
      );
    expect(withoutCode(ours)).toEqual(withoutCode(theirs));
    expect(ours.Conditions).toEqual(theirs.Conditions);
    const { ServerlessDeploymentBucketName: _, ...outputs } = theirs.Outputs;
    expect(ours.Outputs).toEqual(outputs);
  }, 120_000);

  test('takes the code of each function from its zip in the folder', () => {
    const keys = Object.values(stackOf('dev').Resources).flatMap(({ Type, Properties }) =>
      Type === 'AWS::Lambda::Function' ? [Properties.Code] : [],
    );
    expect(keys).toEqual(
      expect.arrayContaining(
        files.filter((path) => path.endsWith('.zip')).map((S3Key) => ({ S3Bucket: 'releases', S3Key })),
      ),
    );
    expect(keys).toHaveLength(files.filter((path) => path.endsWith('.zip')).length);
  });

  test('has no name of a stage but by its parameter', () => {
    const text = JSON.stringify(template);
    expect(text).not.toContain('stage-of-the-release');
    expect(text).not.toMatch(/flow-log-activator[-/]dev/);
  });

  test('groups every parameter', () => {
    const Groups = v.object({
      'AWS::CloudFormation::Interface': v.object({
        ParameterGroups: v.array(v.object({ Parameters: v.array(v.string()) })),
      }),
    });
    const { ParameterGroups } = v.parse(Groups, template.Metadata)['AWS::CloudFormation::Interface'];
    const grouped = ParameterGroups.flatMap(({ Parameters }) => Parameters);
    expect(grouped.sort()).toEqual(Object.keys(template.Parameters).sort());
  });
});

describe('CloudFormation would accept it: no errors, and no warnings but of what osls writes', () => {
  const variants = () => ({ defaults: template, ...variantsOf(template) });

  test.each(PARTITIONS)('in %s, with each parameter set and unset', async (partition) => {
    const found = Object.entries(variants()).map(async ([name, variant]) => [
      name,
      await findingsOf(variant, partition),
    ]);
    expect(await Promise.all(found)).toEqual(Object.keys(variants()).map((name) => [name, []]));
  });

  test('the validator would notice what a parameter may not be, and what a partition does not have', async () => {
    const { WorkerMemory = { Type: 'Number' } } = template.Parameters;
    const parameters = {
      ...template.Parameters,
      WorkerMemory: { ...WorkerMemory, MinValue: 1, Default: '1' },
    };
    expect(await findingsOf({ ...template, Parameters: parameters })).toEqual([
      expect.stringMatching(/ActivateDashflow.*: 1 is less than/),
    ]);
    const Alone = { Type: 'AWS::Lambda::CapacityProvider', Properties: {} };
    const resources = { ...template.Resources, Alone };
    expect(await findingsOf({ ...template, Resources: resources }, 'aws-cn')).toEqual([
      expect.stringContaining("does not exist in 'cn-north-1'"),
    ]);
  });
});

/** What AWS takes for a name that we give, by type and property. Names that CloudFormation makes keep to it. */
const LONGEST_NAMES = {
  'AWS::Lambda::Function': { FunctionName: 64 },
  'AWS::SQS::Queue': { QueueName: 80 },
  'AWS::Events::Rule': { Name: 64 },
  'AWS::Events::EventBus': { Name: 256 },
  'AWS::Logs::LogGroup': { LogGroupName: 512 },
  'AWS::Logs::QueryDefinition': { Name: 255 },
  'AWS::CloudWatch::Dashboard': { DashboardName: 255 },
  'AWS::ApiGatewayV2::Api': { Name: 128 },
  'AWS::ApiGatewayV2::Stage': { StageName: 128 },
};

/** They may be as long as CloudFormation makes them, which cuts its own names. */
const UNNAMED = /^(RoleName|AlarmName|TableName|TopicName|PolicyName|ArchiveName|RuleName|GroupName)$/;

describe.each([1, 20, LONGEST_STAGE])('a stage of %i characters', (length) => {
  const stage = 'S'.repeat(length);

  test('leaves every name within the limits of AWS', () => {
    const names = Object.entries(stackOf(stage).Resources).flatMap(([id, { Type, Properties }]) => {
      const limits: Record<string, number> = LONGEST_NAMES[Type as keyof typeof LONGEST_NAMES] ?? {};
      expect(Object.keys(Properties).filter((key) => UNNAMED.test(key))).toEqual([]);
      return Object.entries(limits).flatMap(([property, limit]) => {
        const name = Properties[property];
        return name === undefined ? [] : [{ id, name: v.parse(v.string(), name), limit }];
      });
    });
    expect(names.filter(({ name }) => name.includes(stage)).length).toBeGreaterThan(20);
    expect(names.filter(({ name, limit }) => name.length > limit)).toEqual([]);
  });
});

/**
 * They are the same in every partition: https://github.com/aws/aws-cdk, packages/aws-cdk-lib/region-info, "the global
 * service principal is always correct".
 */
const PRINCIPALS = ['lambda', 'events', 'cloudwatch', 'apigateway'].map((name) => `${name}.amazonaws.com`);

describe.each(PARTITIONS)('in the partition %s', (partition) => {
  const region = REGIONS[partition];
  const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const resolved = () => {
    const stack = { stackName: 'flow-log-activator-dev', region, accountId: '123456789012', partition };
    const settled = settleConditions(stackOf('dev'), { HasWebhookEndpoints: true });
    const resources = new Map(
      [...physicalResources(settled, new Map(), stack)].map(([id, { ref, attributes }]) => {
        return [id, { ref, attributes: { ...attributes, QueueName: ref } }] as const;
      }),
    );
    const scope = { ...stack, resources };
    return { text: JSON.stringify(resolveIntrinsics(settled.Resources, scope)), scope };
  };

  test('every ARN is of it', () => {
    const found = [...resolved().text.matchAll(/arn:([a-z-]*):/g)].map(([, name]) => name);
    expect(found.length).toBeGreaterThan(100);
    expect(new Set(found)).toEqual(new Set([partition]));
  });

  test('the address of the API is of it, and no other host of AWS is named but the principals', () => {
    const { text, scope } = resolved();
    const url = resolveIntrinsics(template.Outputs.HttpApiUrl?.Value, scope);
    expect(url).toBe(`https://flow-log-activator-dev-HttpApi.execute-api.${region}.${suffix}`);
    expect(new Set(text.match(/[\w.-]*amazonaws[\w.-]*/g))).toEqual(new Set(PRINCIPALS));
  });
});
