import * as v from 'valibot';
import type { Template } from './compile-template.ts';
import { LONGEST_STAGE, STAGE_MUST, STAGE_PATTERN } from './stage-option.ts';

/** osls writes the stage into names and texts. For a release it is this one, which becomes the parameter `Stage`. */
export const RELEASE_STAGE = 'stage-of-the-release';

const FunctionName = new RegExp(`^flow-log-activator-${RELEASE_STAGE}-(.+)$`);
const LambdaFunction = v.looseObject({ FunctionName: v.pipe(v.string(), v.regex(FunctionName)) });
const Interface = v.looseObject({ ParameterGroups: v.array(v.unknown()) });

/** What osls makes for its own way of deploying. */
const OSLS_RESOURCES = ['ServerlessDeploymentBucket', 'ServerlessDeploymentBucketPolicy'];
const OSLS_OUTPUT = 'ServerlessDeploymentBucketName';

const DEPLOYMENT = {
  Stage: {
    Type: 'String',
    Default: 'dev',
    AllowedPattern: STAGE_PATTERN.source,
    MinLength: 1,
    MaxLength: LONGEST_STAGE,
    ConstraintDescription: `must be ${STAGE_MUST}`,
    Description: 'Part of every name. Another stage is another stack.',
  },
  CodeBucket: {
    Type: 'String',
    MinLength: 3,
    Description: 'The S3 bucket, in the region of the stack, that has the zips of the release.',
  },
  CodePrefix: {
    Type: 'String',
    Default: '',
    AllowedPattern: '^(|[^/].*/)$',
    ConstraintDescription: 'must be empty or end with a slash',
    Description: 'What the keys of the zips begin with, such as flow-log-activator/. Empty: nothing.',
  },
};

/**
 * Makes the template of a release from what osls has compiled for the stage RELEASE_STAGE: the stage, and the place of
 * the zips, become parameters. `zips` has the file name of each function's zip. Everything else stays.
 */
export function releaseTemplate(
  compiled: Template,
  zips: Readonly<Record<string, string>>,
  description: string,
): Template {
  const { Resources, Outputs, Parameters, Metadata, ...rest } = compiled;
  const resources = Object.entries(Resources).filter(([id]) => !OSLS_RESOURCES.includes(id));
  const outputs = Object.entries(Outputs).filter(([id]) => id !== OSLS_OUTPUT);
  return {
    ...rest,
    Description: description,
    Metadata: withDeployment(Metadata),
    Parameters: { ...DEPLOYMENT, ...Parameters },
    Conditions: forAnyStage(rest.Conditions) as Template['Conditions'],
    Resources: Object.fromEntries(
      resources.map(([id, resource]) => {
        const placed = resource.Type === 'AWS::Lambda::Function' ? withCode(resource, zips) : resource;
        return [id, forAnyStage(placed) as Template['Resources'][string]];
      }),
    ),
    Outputs: forAnyStage(Object.fromEntries(outputs)) as Template['Outputs'],
  };
}

function withCode(resource: Template['Resources'][string], zips: Readonly<Record<string, string>>) {
  const [, name = ''] = FunctionName.exec(v.parse(LambdaFunction, resource.Properties).FunctionName) ?? [];
  const zip = zips[name];
  if (zip === undefined) throw new Error(`There is no zip of ${name}.`);
  const Code = { S3Bucket: { Ref: 'CodeBucket' }, S3Key: { 'Fn::Sub': `\${CodePrefix}${zip}` } };
  return { ...resource, Properties: { ...resource.Properties, Code } };
}

function withDeployment(metadata: unknown) {
  const read = v.parse(v.looseObject({ 'AWS::CloudFormation::Interface': Interface }), metadata);
  const { ParameterGroups } = read['AWS::CloudFormation::Interface'];
  const own = { Label: { default: 'Deployment' }, Parameters: Object.keys(DEPLOYMENT) };
  return { ...read, 'AWS::CloudFormation::Interface': { ParameterGroups: [own, ...ParameterGroups] } };
}

/** Replaces the stage in every text by the parameter. */
function forAnyStage(node: unknown): unknown {
  if (typeof node === 'string') {
    if (!node.includes(RELEASE_STAGE)) return node;
    return { 'Fn::Sub': withParameter(node.replaceAll('${', '${!')) };
  }
  if (Array.isArray(node)) return node.map(forAnyStage);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      if (key.includes(RELEASE_STAGE)) throw new Error(`${key}: a name of the template has the stage in it.`);
      return [key, key === 'Fn::Sub' ? forAnyStageInSub(value) : forAnyStage(value)];
    }),
  );
}

/** `Fn::Sub` is a text, or a text and its own variables. */
function forAnyStageInSub(operand: unknown): unknown {
  if (typeof operand === 'string') return withParameter(operand);
  const [text, variables] = v.parse(v.tuple([v.string(), v.unknown()]), operand);
  return [withParameter(text), forAnyStage(variables)];
}

function withParameter(text: string): string {
  return text.replaceAll(RELEASE_STAGE, `\${Stage}`);
}
