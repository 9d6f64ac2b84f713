const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/**
 * The keys that stand twice in one object of a valid JSON text, each as the keys that lead to it: JSON.parse takes the
 * last of them without a word.
 */
export function repeatedKeys(json: string): string[][] {
  const found: string[][] = [];
  const open: { keys: Set<string>; key?: string }[] = [];
  let lastText = '';
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === '{' || token === '[') open.push({ keys: new Set() });
    else if (token === '}' || token === ']') open.pop();
    else if (token !== ':') lastText = token;
    else {
      const object = open.at(-1);
      const key: unknown = JSON.parse(lastText);
      if (object === undefined || typeof key !== 'string') continue;
      object.key = key;
      if (object.keys.has(key)) found.push(open.flatMap((outer) => outer.key ?? []));
      object.keys.add(key);
    }
  }
  return found;
}
