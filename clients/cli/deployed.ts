import { UsageError } from './failures.ts';

type Access = { region?: string; profile?: string };

/** Returns the address and the region of a deployed stage. */
export async function findStack(stage: string, access: Access): Promise<{ url: string; region: string }> {
  const { Outputs, name, region } = await describeStack(stage, access);
  const url = Outputs?.find(({ OutputKey }) => OutputKey === 'HttpApiUrl')?.OutputValue;
  if (url === undefined) throw new UsageError(`The stack ${name} in ${region} has no output HttpApiUrl.`);
  return { url, region };
}

/** Returns the stack of a stage, with its region. Loads AWS's SDK: only who names a stage waits for it. */
export async function describeStack(stage: string, access: Access) {
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient(access);
  const name = `flow-log-activator-${stage}`;
  const region = await client.config.region().catch(() => {
    throw new UsageError('No AWS region is known. Give --aws-region, set AWS_REGION, or choose a --profile.');
  });
  const { Stacks: [stack] = [] } = await client
    .send(new DescribeStacksCommand({ StackName: name }))
    .catch((error: unknown) => {
      if (error instanceof Error && error.name === 'ValidationError') {
        throw new UsageError(`There is no stack ${name} in ${region}. Check --stage and --aws-region.`);
      }
      throw error;
    });
  return { ...stack, name, region };
}

/** Returns the ARN of whoever signs the requests. */
export async function callerArn({ region = 'us-east-1', profile }: Access): Promise<string> {
  const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  const { Arn } = await new STSClient({ region, profile }).send(new GetCallerIdentityCommand());
  return Arn ?? 'unknown';
}
