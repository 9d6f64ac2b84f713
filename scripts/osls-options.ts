import { createRequire } from 'node:module';
import * as v from 'valibot';
import { flag, list, type Option, text } from '../clients/terminal/program.ts';

const Commands = v.map(
  v.string(),
  v.object({
    options: v.optional(
      v.record(
        v.string(),
        v.object({ usage: v.string(), type: v.optional(v.string()), shortcut: v.optional(v.string()) }),
      ),
      {},
    ),
  }),
);

/** This program handles them: they would end osls before it does anything. */
const ENDS_AT_ONCE = new Set(['help', 'version']);

/** Returns all options of a command of osls, as osls declares them. */
export function oslsOptions(command: 'deploy' | 'package'): Record<string, Option<unknown>> {
  const schema = createRequire(import.meta.url)('osls/lib/cli/commands-schema/aws-service.js');
  const { options = {} } = v.parse(Commands, schema).get(command) ?? {};
  return Object.fromEntries(
    Object.entries(options)
      .filter(([name]) => !ENDS_AT_ONCE.has(name))
      .map(([name, { usage: help, type, shortcut }]) => [
        name,
        { ...optionOf(help, type), ...(shortcut && { short: shortcut }) },
      ]),
  );
}

function optionOf(help: string, type: string | undefined): Option<unknown> {
  if (type === 'boolean') return flag(help);
  return type === 'multiple'
    ? list({ help, value: 'value' })
    : text({ help, value: 'value', fallback: undefined });
}
