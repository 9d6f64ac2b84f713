import * as v from 'valibot';
import type { Setting } from '../../lib/runtime/configuration.ts';
import { compileExpression } from '../../lib/webhooks/expression.ts';
import { GITHUB, hmacScheme, TERRAFORM_CLOUD } from '../../lib/webhooks/hmac-scheme.ts';
import type { SignatureScheme } from '../../lib/webhooks/signature.ts';
import type { WebhookSource } from '../../lib/webhooks/source.ts';
import { STANDARD_WEBHOOKS } from '../../lib/webhooks/standard-webhooks-scheme.ts';
import { type WebhookSourceOptions, webhookSourceSchema } from './webhook-source-schema.ts';

export type WebhookSources = ReadonlyMap<string, WebhookSource>;

export const webhookSettings = { sources: sourcesOf('WEBHOOK_SOURCES') };

/** JSON by name of source, none when absent. Refuses naming every source and option that is wrong, and no secret. */
function sourcesOf(name: string): Setting<WebhookSources> {
  return {
    name,
    parse(value = '{}') {
      const parsed = Object.entries(parseObject(value)).map(([source, options]) =>
        parseSource(source, options),
      );
      const problems = parsed.flatMap((source) => ('problems' in source ? source.problems : []));
      if (problems.length > 0) throw new Error(`is wrong: ${problems.join('; ')}`);
      return new Map(parsed.flatMap((source) => ('problems' in source ? [] : [[source.name, source]])));
    },
  };
}

function parseObject(value: string): object {
  try {
    const json: unknown = JSON.parse(value);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  } catch {}
  throw new Error('must be a JSON object');
}

function parseSource(name: string, options: unknown): WebhookSource | { problems: string[] } {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
    return { problems: [`${JSON.stringify(name.slice(0, 64))} must be 1 to 64 letters, digits, - or _`] };
  }
  const parsed = v.safeParse(webhookSourceSchema, options);
  if (!parsed.success) {
    const placed = parsed.issues.map((issue) => [[name, v.getDotPath(issue)], issue.message] as const);
    return { problems: placed.map(([place, message]) => `${place.filter(Boolean).join('.')} ${message}`) };
  }
  const { secrets, select, when = WANTED[parsed.output.scheme] } = parsed.output;
  const scheme = schemeOf(parsed.output);
  const problems = secrets.flatMap((secret, index) => {
    const problem = typeof secret === 'string' ? scheme.problemOf(secret) : undefined;
    return problem === undefined ? [] : [`${name}.secrets.${index} ${problem}`];
  });
  const formField = parsed.output.scheme === 'github' ? 'payload' : undefined;
  return problems.length > 0 ? { problems } : { name, scheme, secrets, formField, when, select };
}

/** Without a filter of its own, a source wants all but what senders send to see whether anybody is there. */
const WANTED = {
  github: compileExpression('!(zen && hook_id)'),
  'terraform-cloud': compileExpression("!(notifications[?trigger == 'verification'])"),
  'standard-webhooks': undefined,
  hmac: undefined,
};

function schemeOf(options: WebhookSourceOptions): SignatureScheme {
  switch (options.scheme) {
    case 'standard-webhooks':
      return STANDARD_WEBHOOKS;
    case 'github':
      return GITHUB;
    case 'terraform-cloud':
      return TERRAFORM_CLOUD;
    case 'hmac':
      return hmacScheme(options);
  }
}
