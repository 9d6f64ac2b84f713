import type { components } from '../../contracts/openapi.d.ts';
import { printable } from '../terminal/printable.ts';

type Configuration = components['schemas']['StatusReport']['configuration'];

/** In one line: where the configuration is stored, and what of it is not used. */
export function configurationFact({ source, failure, disabled }: Configuration): string {
  const wrong = [
    ...(failure === undefined ? [] : [`cannot be read (${failure})`]),
    ...disabled.map(disabledFact),
  ];
  const facts = wrong.length > 0 ? wrong.join('; ') : 'all entries are valid';
  return source === undefined ? 'nothing outside the environment' : `${source}: ${facts}`;
}

export function disabledFact({ kind, name, problems }: Configuration['disabled'][number]): string {
  const what = kind === 'unknown' ? name : `${kind} ${name}`;
  return printable(`${what} is disabled: ${problems.join(', ')}`);
}
