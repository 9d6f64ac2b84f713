import { type ClientOptions, createClient, type FlowLogActivator } from '../http/client.ts';
import type { Given } from '../terminal/command-line.ts';
import { choice, type Options, text } from '../terminal/program.ts';

const group = 'Which service';

/** Every command has these. */
export const GLOBAL_OPTIONS = {
  stage: {
    ...text({
      help: 'the stack flow-log-activator-<name> in your AWS account',
      value: 'name',
      fallback: undefined,
    }),
    byDefault: '$FLOW_LOG_ACTIVATOR_STAGE',
    group,
  },
  url: {
    ...text({
      help: 'the address of the API',
      value: 'url',
      fallback: undefined,
      pattern: /^https?:\/\/[^\s/]+/,
      must: 'an http(s) URL',
    }),
    byDefault: '$FLOW_LOG_ACTIVATOR_URL, or the local world',
    group,
  },
  'aws-region': {
    ...text({ help: 'where the stack is', value: 'name', fallback: undefined }),
    byDefault: '$AWS_REGION, or that of the profile',
    group,
  },
  profile: {
    ...text({ help: "of AWS's configuration files", value: 'name', fallback: undefined }),
    byDefault: '$AWS_PROFILE',
    group,
  },
  output: {
    ...choice({ help: 'for people, or for programs', value: 'text|json', words: ['text', 'json'] }),
    byDefault: 'text',
    group: 'Output',
  },
} satisfies Options;

type GlobalValues = Given<typeof GLOBAL_OPTIONS>['values'];

export type Address = Pick<ClientOptions, 'url' | 'region' | 'profile'> & {
  /** Of the stack by whose outputs it was found. */
  stage?: string;
  /** Where the address was found, for people. */
  foundBy: string;
  isLocal: boolean;
};

/** Finds the service: by option, by variable, or the local world. Asks CloudFormation for the stack of a stage. */
export async function findAddress(given: GlobalValues, env: NodeJS.ProcessEnv): Promise<Address> {
  const region = given['aws-region'] ?? env.AWS_REGION;
  const profile = given.profile ?? env.AWS_PROFILE;
  const { url, stage } = chosen(given, env);
  if (stage !== undefined) {
    const { findStack } = await import('./deployed.ts');
    const stack = await findStack(stage.value, { region: given['aws-region'], profile });
    return {
      ...stack,
      stage: stage.value,
      profile,
      foundBy: `the outputs of the stack (${stage.by})`,
      isLocal: false,
    };
  }
  if (url !== undefined)
    return { url: url.value, region, profile, foundBy: url.by, isLocal: isLoopback(url.value) };
  const local = `http://127.0.0.1:${env.PORT || '3000'}`;
  return { url: local, foundBy: 'the local world, because no service was named', isLocal: true };
}

/** An option is stronger than a variable. */
function chosen({ url, stage }: GlobalValues, env: NodeJS.ProcessEnv) {
  const by = (value: string | undefined, name: string) => (value ? { value, by: name } : undefined);
  if (url !== undefined) return { url: by(url, '--url') };
  if (stage !== undefined) return { stage: by(stage, '--stage') };
  const variable = by(env.FLOW_LOG_ACTIVATOR_URL, '$FLOW_LOG_ACTIVATOR_URL');
  if (variable !== undefined) return { url: variable };
  return { stage: by(env.FLOW_LOG_ACTIVATOR_STAGE, '$FLOW_LOG_ACTIVATOR_STAGE') };
}

function isLoopback(url: string): boolean {
  return /^https?:\/\/(?:127\.|localhost[:/]|localhost$|\[::1\])/.test(url);
}

export function connectTo({ url, region, profile }: Address): FlowLogActivator {
  return createClient({ url, region, profile });
}

/** The options that name the same service again. */
export function sameService({ url, stage, 'aws-region': region, profile }: GlobalValues): string {
  const options = Object.entries({ url, stage, 'aws-region': region, profile });
  return options.map(([name, value]) => (value === undefined ? '' : ` --${name} ${value}`)).join('');
}
