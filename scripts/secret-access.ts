import * as v from 'valibot';
import type { Template } from './compile-template.ts';

/** Each variable that names secrets, and a function that reads them. Each kind of secret has names of its own. */
const READERS = {
  VOLCENGINE_ACCOUNTS: 'activate-flow-log',
  WEBHOOK_SOURCES: 'receive-webhook',
  WEBHOOK_ENDPOINTS: 'send-webhooks',
};

const LambdaFunction = v.looseObject({
  Handler: v.string(),
  Role: v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.literal('Arn')]) }),
  Environment: v.object({ Variables: v.record(v.string(), v.unknown()) }),
});

const sub = v.object({ 'Fn::Sub': v.string() });
const Role = v.looseObject({
  Policies: v.array(
    v.looseObject({
      PolicyDocument: v.looseObject({
        Statement: v.array(v.looseObject({ Action: v.unknown(), Resource: v.unknown() })),
      }),
    }),
  ),
});

/**
 * Returns a sentence for each secret that the settings name but its function may not read: after a deployment the first
 * call would be refused. Names the place, and the rule for names there.
 */
export function findUnreadableSecrets(template: Template): string[] {
  return Object.entries(READERS).flatMap(([variable, name]) => {
    const { environment, patterns } = readerOf(template, name);
    const rule = patterns.map((pattern) => pattern.replace(/-\?{6}$/, '').replace(/\*$/, '…')).join(' or ');
    return secretIdsIn(environment[variable]).flatMap(({ place, secretId }) =>
      patterns.some((pattern) => matches(secretId, pattern))
        ? []
        : [`${variable} is wrong: ${place} must name a secret called ${rule}`],
    );
  });
}

function readerOf(template: Template, name: string) {
  const handler = `dist/${name}/index.handler`;
  const found = Object.values(template.Resources).find(({ Properties }) => Properties.Handler === handler);
  const { Role: role, Environment } = v.parse(LambdaFunction, found?.Properties);
  const { Policies } = v.parse(Role, template.Resources[role['Fn::GetAtt'][0]]?.Properties);
  const patterns = Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .filter(({ Action }) => [Action].flat().includes('secretsmanager:GetSecretValue'))
    .flatMap(({ Resource }) => v.parse(v.array(sub), [Resource].flat()))
    .map((resource) => resource['Fn::Sub'].replace(/^.*:secret:/, ''));
  return { environment: Environment.Variables, patterns };
}

/** Finds every `secretId` in JSON of any shape, with its place. Other checks refuse a value that is not JSON. */
function secretIdsIn(json: unknown): { place: string; secretId: string }[] {
  const found: { place: string; secretId: string }[] = [];
  const walk = (node: unknown, path: string[]): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      const place = [...path, key];
      if (key === 'secretId' && typeof value === 'string')
        found.push({ place: place.join('.'), secretId: value });
      walk(value, place);
    }
  };
  try {
    walk(JSON.parse(typeof json === 'string' ? json : '{}'), []);
  } catch {}
  return found;
}

/** Compares as IAM does: `*` is any text, `?` one character. A secret is named by its name, or by its whole ARN. */
function matches(secretId: string, pattern: string): boolean {
  const named = /^arn:[^/]*:secret:(.+)$/.exec(secretId)?.[1] ?? `${secretId}-123456`;
  const regex = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('?', '.')
    .replaceAll('*', '.*');
  return new RegExp(`^${regex}$`, 's').test(named);
}
