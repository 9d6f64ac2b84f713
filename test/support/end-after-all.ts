import { afterAll } from 'vitest';

/** For what the tests of a file share: takes what ends it, and runs that in reverse order after the last test. */
export function endAfterAll(): (end: () => unknown) => void {
  const ends: (() => unknown)[] = [];
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });
  return (end) => void ends.push(end);
}
