const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g;

/** A path may be as long as the text, so collecting all paths would cost quadratic time. */
const LIMIT = 20;

/**
 * Finds keys that occur twice in one object of a valid JSON text; JSON.parse silently keeps the last one. Returns the
 * first LIMIT of them, each as the path of keys and indexes to it.
 */
export function repeatedKeys(json: string): (string | number)[][] {
  const found: (string | number)[][] = [];
  const open: { keys: Set<string>; at?: string | number }[] = [];
  let lastText = '';
  for (const [token] of json.matchAll(TOKEN)) {
    const inner = open.at(-1);
    if (token === '{') open.push({ keys: new Set() });
    else if (token === '[') open.push({ keys: new Set(), at: 0 });
    else if (token === '}' || token === ']') open.pop();
    else if (token === ',') {
      if (typeof inner?.at === 'number') inner.at += 1;
    } else if (token !== ':') lastText = token;
    else if (inner) {
      const key: string = JSON.parse(lastText);
      inner.at = key;
      if (inner.keys.has(key)) found.push(open.flatMap(({ at }) => at ?? []));
      inner.keys.add(key);
      if (found.length === LIMIT) break;
    }
  }
  return found;
}
