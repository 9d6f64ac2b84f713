/**
 * Measures the contenders one after the other, and all of them again in every round (A B A B …): a machine that is slow
 * for a minute is slow for each of them. Returns the results of a contender's rounds, in order.
 */
export async function interleave<Contender extends string, Result>(
  contenders: readonly Contender[],
  rounds: number,
  measure: (contender: Contender, round: number) => Promise<Result>,
): Promise<(contender: Contender) => Result[]> {
  const results = new Map<Contender, Result[]>(contenders.map((contender) => [contender, []]));
  const resultsOf = (contender: Contender): Result[] => {
    const found = results.get(contender);
    if (found === undefined) throw new Error(`${contender} was not measured`);
    return found;
  };
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) resultsOf(contender).push(await measure(contender, round));
  }
  return resultsOf;
}
