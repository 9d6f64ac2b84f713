import fc from 'fast-check';

export type ByteMutation = {
  what: 'cut' | 'flip' | 'insert' | 'delete' | 'double' | 'utf-16' | 'latin-1' | 'mark' | 'append';
  /** Where, as a fraction of the length. */
  at: number;
  length: number;
  bytes: Uint8Array;
};

export const byteMutation: fc.Arbitrary<ByteMutation> = fc.record({
  what: fc.constantFrom('cut', 'flip', 'insert', 'delete', 'double', 'utf-16', 'latin-1', 'mark', 'append'),
  at: fc.nat(1_000).map((thousandths) => thousandths / 1_000),
  length: fc.integer({ min: 1, max: 64 }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
});

export function mutateBytes(bytes: Buffer, mutations: ByteMutation[]): Buffer {
  return mutations.reduce(apply, bytes);
}

function apply(bytes: Buffer, { what, at, length, bytes: extra }: ByteMutation): Buffer {
  const position = Math.min(bytes.length, Math.floor(at * (bytes.length + 1)));
  const [before, after] = [bytes.subarray(0, position), bytes.subarray(position)];
  switch (what) {
    case 'cut':
      return before;
    case 'flip':
      return Buffer.concat([
        before,
        after.subarray(0, 1).map((byte) => byte ^ (1 << (length % 8))),
        after.subarray(1),
      ]);
    case 'insert':
      return Buffer.concat([before, extra, after]);
    case 'delete':
      return Buffer.concat([before, after.subarray(length)]);
    case 'double':
      return Buffer.concat([before, after.subarray(0, length), after]);
    case 'utf-16':
      return Buffer.from(bytes.toString('utf8'), 'utf16le');
    case 'latin-1':
      return Buffer.from(bytes.toString('utf8'), 'latin1');
    case 'mark':
      return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]);
    case 'append':
      return Buffer.concat([bytes, extra]);
  }
}
