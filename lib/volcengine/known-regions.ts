/**
 * Volcengine's and BytePlus' regions, as the official Go SDK lists them (volcengine/endpoints/standard_resolver.go).
 * The list grows. A check by this list must let the configuration name more regions.
 */
const KNOWN_REGIONS: readonly string[] = `
  ap-singapore-1 ap-southeast-1 ap-southeast-2 ap-southeast-3 byteplus-global cn-beijing cn-beijing-autodriving
  cn-beijing-selfdrive cn-beijing2 cn-beijing300 cn-changsha-sdv cn-chengdu cn-chengdu-sdv cn-chongqing-sdv cn-datong
  cn-east-1-dedicated cn-gaofang-bj cn-gaofang-gz1 cn-gaofang-nt1 cn-gaofang-nt2 cn-gaofang-nt3 cn-gaofang-nt4
  cn-gaofang-nt5 cn-guangzhou cn-guilin-boe cn-hangzhou cn-hjxj cn-hjzg cn-hlbx cn-hlxj cn-hlzg cn-hongkong
  cn-hongkong-pop cn-lfbx cn-lfxj cn-lfzg cn-macau-pop-sdv cn-mainland cn-nanjing-bbit cn-ningbo-sdv cn-north-1
  cn-north-1-dedicated cn-north-boe cn-shanghai cn-shanghai-autodriving cn-taiwan-boe cn-wuhan cn-wulanchabu
  cn-xian-boe-sdv overseas-1 rec-cn rec-sg
`
  .trim()
  .split(/\s+/);

export function isKnownRegion(region: string): boolean {
  return KNOWN_REGIONS.includes(region);
}

/** The known regions with the smallest edit distance to `region`, nearest first. */
export function nearestRegions(region: string, count: number): string[] {
  return KNOWN_REGIONS.map((known) => ({ known, errors: editDistance(known, region) }))
    .sort((a, b) => a.errors - b.errors)
    .slice(0, count)
    .map(({ known }) => known);
}

/** Characters to insert, delete or replace (Levenshtein). */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, character] of [...from].entries()) {
    const next = [index + 1];
    for (let at = 1; at <= to.length; at += 1) {
      const replaced = (row[at - 1] ?? 0) + (to[at - 1] === character ? 0 : 1);
      next.push(Math.min(replaced, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
