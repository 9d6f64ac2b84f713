import fc from 'fast-check';
import { oddKey, oddText } from './odd-text.ts';

/** JSON as it is written rather than as it is parsed: keys in order and perhaps twice, raw text anywhere. */
export type JsonNode = null | boolean | number | string | JsonNode[] | Members | RawJson;

class Members {
  readonly entries: [string, JsonNode][];
  constructor(entries: [string, JsonNode][]) {
    this.entries = entries;
  }
}

class RawJson {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export function toNode(value: unknown): JsonNode {
  if (Array.isArray(value)) return value.map(toNode);
  if (typeof value === 'object' && value !== null) {
    const present = Object.entries(value).filter(([, member]) => member !== undefined);
    return new Members(present.map(([key, member]) => [key, toNode(member)]));
  }
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value;
  return null;
}

export function toText(node: JsonNode): string {
  if (node instanceof RawJson) return node.text;
  if (Array.isArray(node)) return `[${node.map(toText).join(',')}]`;
  if (node instanceof Members) {
    return `{${node.entries.map(([key, value]) => `${JSON.stringify(key)}:${toText(value)}`).join(',')}}`;
  }
  return JSON.stringify(node);
}

/** Values of every type; `deep` ones nest further than any parser that recurses can follow. */
const deep = fc
  .tuple(fc.constantFrom(10, 1_000, 100_000), fc.constantFrom(['[', '', ']'], ['{"a":', '1', '}']))
  .map(([depth, [open, inside, close]]) => new RawJson(open.repeat(depth) + inside + close.repeat(depth)));
const oddNumber = fc.constantFrom(
  '-0',
  '1e400',
  '-1e400',
  '1e-400',
  '0.1',
  '9007199254740993',
  '1E2',
  '01',
  '+1',
);

export const oddNode: fc.Arbitrary<JsonNode> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<JsonNode>(null, true, false, 0, 1, -1, 1.5, '', []) },
  { weight: 4, arbitrary: oddText },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }).map(toNode) },
  { weight: 2, arbitrary: fc.integer() },
  { weight: 2, arbitrary: oddNumber.map((text) => new RawJson(text)) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom<JsonNode>('a', 1, null), { maxLength: 30 }) },
  { weight: 1, arbitrary: fc.dictionary(oddKey, oddText, { maxKeys: 4 }).map(toNode) },
  { weight: 1, arbitrary: deep },
);

export type JsonMutation = {
  where: number;
  what: 'replace' | 'remove' | 'wrap' | 'duplicate' | 'rename' | 'add' | 'repeat';
  value: JsonNode;
  key: string;
};

export const jsonMutation: fc.Arbitrary<JsonMutation> = fc.record({
  where: fc.nat(10_000),
  what: fc.constantFrom('replace', 'remove', 'wrap', 'duplicate', 'rename', 'add', 'repeat'),
  value: oddNode,
  key: oddKey,
});

/** The document after each mutation in turn; a mutation that finds nothing to change leaves it as it is. */
export function mutate(document: JsonNode, mutations: JsonMutation[]): JsonNode {
  return mutations.reduce((node, mutation) => {
    const places = countNodes(node);
    return rewrite(node, mutation, { left: mutation.where % places });
  }, document);
}

function countNodes(node: JsonNode): number {
  const children = Array.isArray(node)
    ? node
    : node instanceof Members
      ? node.entries.map(([, child]) => child)
      : [];
  return children.reduce<number>((count, child) => count + countNodes(child), 1);
}

function rewrite(node: JsonNode, mutation: JsonMutation, counter: { left: number }): JsonNode {
  if (counter.left === 0) {
    counter.left = -1;
    return change(node, mutation);
  }
  counter.left -= 1;
  if (Array.isArray(node)) return node.map((child) => rewriteIfNear(child, mutation, counter));
  if (!(node instanceof Members)) return node;
  return new Members(
    node.entries.flatMap(([key, child]): [string, JsonNode][] => {
      if (counter.left !== 0) return [[key, rewriteIfNear(child, mutation, counter)]];
      if (mutation.what === 'remove') {
        counter.left = -1;
        return [];
      }
      if (mutation.what === 'rename') {
        counter.left = -1;
        return [[mutation.key, child]];
      }
      const changed = rewriteIfNear(child, mutation, counter);
      if (mutation.what === 'duplicate')
        return [
          [key, child],
          [key, mutation.value],
        ];
      return [[key, changed]];
    }),
  );
}

function rewriteIfNear(node: JsonNode, mutation: JsonMutation, counter: { left: number }): JsonNode {
  return counter.left < 0 ? node : rewrite(node, mutation, counter);
}

const MANY = 1_500;
/** Just beyond the largest body; API Gateway lets no more than some MB through. */
const REPEATED_LIMIT = 1_200_000;

function change(node: JsonNode, { what, value, key }: JsonMutation): JsonNode {
  if (what === 'wrap') return [node];
  if (what === 'add' && node instanceof Members) return new Members([...node.entries, [key, value]]);
  if (what === 'add' && Array.isArray(node)) return [...node, value];
  if (what === 'repeat') return repeated(node);
  return what === 'rename' || what === 'duplicate' ? node : value;
}

function repeated(node: JsonNode): JsonNode {
  const times = Math.min(MANY, Math.floor(REPEATED_LIMIT / (toText(node).length + 1)));
  if (typeof node === 'string') return node.repeat(times);
  return Array.isArray(node) ? Array.from({ length: times }, () => node).flat() : node;
}
