import { inspect } from 'node:util';
import fc from 'fast-check';

/** `refused`: answered as bad input, or classified as a failure; both are good ends. */
export type Verdict = 'accepted' | 'refused';

export type ViolationKind = '5xx' | 'unclassified' | 'property';

/** A broken property, as opposed to a crash, which is anything else that is thrown. */
export class Violation extends Error {
  override name = 'Violation';
  readonly kind: ViolationKind;
  constructor(kind: ViolationKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

export function require(holds: boolean, message: string | (() => string)): asserts holds {
  if (!holds) throw new Violation('property', typeof message === 'string' ? message : message());
}

export type Surface = {
  name: string;
  /** What one input may take: CPU time of this thread, or elapsed time where `atOnce` is above 1. */
  maxMs: number;
  atOnce: number;
  /** Of the inputs asked for, how many this surface takes. */
  share: number;
  /** False where every input must be refused, or none can be. */
  hasBothVerdicts: boolean;
  /** Before the first input; answers what to do after the last. */
  open(): Promise<() => Promise<void>>;
  /** Equal seeds draw equal inputs. `probe` throws Violation for a broken property. */
  draw(seed: number): { input: unknown; probe(): Promise<Verdict> };
  /** The smallest input found that still fails like the seed's, as text. */
  shrink(seed: number, fails: (probe: () => Promise<Verdict>) => Promise<boolean>): Promise<string>;
};

export type SurfaceDefinition<Input> = {
  name: string;
  inputs: fc.Arbitrary<Input>;
  probe: (input: Input) => Promise<Verdict>;
} & Partial<Pick<Surface, 'maxMs' | 'atOnce' | 'share' | 'hasBothVerdicts' | 'open'>>;

/** The megabyte of brackets that a body may be takes a third of a second to refuse. */
const MAX_MS = 2_000;
const SHRINK_FOR_MS = 10_000;
const nothingToClose = async () => {};

export function defineSurface<Input>(definition: SurfaceDefinition<Input>): Surface {
  const { inputs, probe } = definition;
  return {
    maxMs: MAX_MS,
    atOnce: 1,
    share: 1,
    hasBothVerdicts: true,
    open: async () => nothingToClose,
    ...definition,
    draw(seed) {
      const [input] = fc.sample(inputs, { seed, numRuns: 1 });
      if (input === undefined) throw new Error('fast-check drew nothing');
      return { input, probe: () => probe(input) };
    },
    async shrink(seed, fails) {
      const property = fc.asyncProperty(inputs, async (input) => !(await fails(() => probe(input))));
      const limits = { interruptAfterTimeLimit: SHRINK_FOR_MS, markInterruptAsFailure: false };
      const { counterexample } = await fc.check(property, { seed, numRuns: 1, ...limits });
      return counterexample ? shown(counterexample[0]) : 'did not fail again';
    },
  };
}

const SHOWN_DEPTH = 6;

/** As much of an input as a person reads; bytes as the text they mostly are. */
export function shown(input: unknown): string {
  return inspect(readable(input, SHOWN_DEPTH), {
    depth: SHOWN_DEPTH,
    maxStringLength: 300,
    maxArrayLength: 20,
    breakLength: 100,
  });
}

/** What lies deeper stays as it is: it may be deeper than the stack. */
function readable(input: unknown, depth: number): unknown {
  if (input instanceof Uint8Array) return Buffer.from(input).subarray(0, 2_000).toString();
  if (depth < 0 || typeof input !== 'object' || input === null || input instanceof Map) return input;
  if (Array.isArray(input)) return input.map((each) => readable(each, depth - 1));
  return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, readable(value, depth - 1)]));
}
