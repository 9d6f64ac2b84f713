/**
 * Measures the sides one after the other, and all of them again in every round (A B A B …): a machine that is slow
 * for a minute is slow for each of them. Answers what each side's rounds gave, in order.
 */
export async function interleave<Side extends string, Result>(
  sides: readonly Side[],
  rounds: number,
  measure: (side: Side, round: number) => Promise<Result>,
): Promise<(side: Side) => Result[]> {
  const results = new Map<Side, Result[]>(sides.map((side) => [side, []]));
  const resultsOf = (side: Side): Result[] => {
    const found = results.get(side);
    if (found === undefined) throw new Error(`${side} was not measured`);
    return found;
  };
  for (let round = 0; round < rounds; round += 1) {
    for (const side of sides) resultsOf(side).push(await measure(side, round));
  }
  return resultsOf;
}
