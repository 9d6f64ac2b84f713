/** The views by their path, in the order of the navigation. */
export const SECTIONS = [
  'overview',
  'activations',
  'failures',
  'operations',
  'batches',
  'plans',
  'events',
  'alarms',
  'faults',
] as const;
export type Section = (typeof SECTIONS)[number];

/** What the page shows: all of it stands in the fragment of the URL. */
export type Route =
  | { section: Section; id?: string; query: Record<string, string> }
  | { section: 'new' | 'unknown'; id?: undefined; query: Record<string, string> };

/** The parameters of `GET /activations` that the list has a field for. */
const FILTERS = [
  'status',
  'reason',
  'held',
  'drift',
  'account',
  'region',
  'flowLogId',
  'batchId',
  'createdFrom',
  'createdUntil',
] as const;
export type Filters = Partial<Record<(typeof FILTERS)[number], string>>;

/** Reads the fragment, such as `#/activations?status=failed`. Unknown paths become `unknown`. */
export function parseRoute(fragment: string): Route {
  const [path = '', search = ''] = splitOnce(fragment.replace(/^#?\/?/, ''), '?');
  const query = Object.fromEntries([...new URLSearchParams(search)].filter(([, value]) => value !== ''));
  const [name = '', ...rest] = path.split('/');
  const id = decode(rest.join('/'));
  if (name === 'new' && id === '') return { section: 'new', query };
  const section = SECTIONS.find((one) => one === (name || 'overview'));
  if (section === undefined) return { section: 'unknown', query };
  return id === '' ? { section, query } : { section, id, query };
}

/** The fragment of a view. Empty values are left out, so that one view has one address. */
export function linkTo(
  section: Section | 'new',
  { id, query = {} }: { id?: string; query?: Record<string, string | undefined> } = {},
): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const path = [section === 'overview' ? '' : section, ...(id === undefined ? [] : [encodeURIComponent(id)])];
  const search = given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
  return `#/${path.join('/')}${search}`;
}

/** The filters in a query, without what is no filter. */
export function filtersOf(query: Record<string, string>): Filters {
  return Object.fromEntries(FILTERS.flatMap((name) => (query[name] ? [[name, query[name]]] : [])));
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
