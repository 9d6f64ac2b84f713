import type { components } from '../../contracts/openapi.d.ts';
import { printable } from '../terminal/printable.ts';

type Configuration = components['schemas']['StatusReport']['configuration'];

/** More would hide what else is said beside them. */
const SHOWN = 3;

/** In one line: where the configuration is stored, and what of it is not used. */
export function configurationFact({ source, failure, disabled }: Configuration): string {
  const wrong = [
    ...(failure === undefined ? [] : [`cannot be read (${failure})`]),
    ...disabled.slice(0, SHOWN).map((entry) => {
      const [head, ...problems] = disabledLines(entry);
      return `${head} ${problems.join('; ')}`;
    }),
    ...(disabled.length > SHOWN ? [`${disabled.length - SHOWN} more: \`config check\` names them`] : []),
  ];
  const facts = wrong.length > 0 ? wrong.join('; ') : 'all entries are valid';
  return source === undefined ? 'nothing outside the environment' : `${source}: ${facts}`;
}

/** The state of an account, or `disabled`: its calls are held, also while there is none. */
export function accountStateOf(
  { account, state }: Pick<components['schemas']['StatusReport']['accounts'][number], 'account' | 'state'>,
  { disabled }: Configuration,
) {
  const isDisabled = disabled.some(({ kind, name }) => kind === 'account' && name === account);
  return state === 'ok' && isDisabled ? 'disabled' : state;
}

/** The entry, then a line for each problem. */
export function disabledLines({ kind, name, problems }: Configuration['disabled'][number]): string[] {
  const what = kind === 'unknown' ? name : `${kind} ${name}`;
  return [`${what} is disabled:`, ...problems].map(printable);
}
