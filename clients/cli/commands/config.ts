import { given } from '../../http/api.ts';
import { printable } from '../../terminal/printable.ts';
import { type Context, defineCommand, EXIT } from '../command.ts';
import { disabledLines } from '../configuration-facts.ts';
import { UsageError } from '../failures.ts';

export const config = defineCommand({
  name: 'config',
  group: 'Operate',
  summary: 'check the stored accounts and policies, or a file of them',
  about: `With a FILE it checks {"accounts": {…}, "policies": {…}} as the service would, beside the accounts of
$VOLCENGINE_ACCOUNTS, and asks no service. Without one it shows what the service has disabled of what is stored. Each
problem is named by its place, never with a value. The exit status is 1 if there is one, 2 if FILE is no such file.`,
  operands: { name: 'check', help: 'check, and perhaps a FILE after it', atLeast: 1, atMost: 2 },
  examples: [
    ['check configuration.json', 'before it is stored'],
    ['check --stage prod', 'what a deployed service has read, at most a minute ago'],
  ],
  async run(context, { operands: [action, file] }) {
    if (action !== 'check') throw new UsageError('config does one thing: config check [FILE].');
    const { out } = context;
    const { failure, ...found } = file === undefined ? await stored(context) : await ofFile(file);
    out.value({ ...found, ...(failure !== undefined && { failure }) });
    const { source, disabled } = found;
    if (source === undefined) out.print('Nothing is stored outside the environment.');
    else {
      if (failure !== undefined) out.print(printable(`${source} cannot be read: ${failure}`));
      for (const entry of disabled) out.print(disabledLines(entry).join('\n  '));
      if (failure === undefined && disabled.length === 0)
        out.print(printable(`${source}: all entries are valid`));
    }
    return failure === undefined && disabled.length === 0 ? EXIT.ok : EXIT.failed;
  },
});

type Found = {
  source?: string | undefined;
  readAt?: string | undefined;
  failure?: string | undefined;
  disabled: Parameters<typeof disabledLines>[0][];
};

async function stored({ connect }: Context): Promise<Found> {
  return given((await (await connect()).api.GET('/status')).data).configuration;
}

async function ofFile(file: string): Promise<Found> {
  const { checkFile } = await import('../configuration/check-file.ts');
  const { source, disabled } = await checkFile(file, process.env);
  return { source, disabled: disabled.map((each) => ({ ...each, problems: [...each.problems] })) };
}
