/** The planned time (ms since the epoch) of the latest run that a pause has skipped, by the schedule's name. */
export type SkippedRuns = Readonly<Record<string, number>>;

/** More schedules of one account are not kept: the quota is one item. */
const KEPT = 20;

/** With one that was skipped at `scheduledAt`, or without a schedule that has run. The same object if nothing changes. */
export function withRun(
  skipped: SkippedRuns | undefined,
  schedule: string,
  scheduledAt: number | undefined,
): SkippedRuns | undefined {
  if (skipped?.[schedule] === scheduledAt) return skipped;
  const { [schedule]: _, ...others } = skipped ?? {};
  const all = Object.entries(scheduledAt === undefined ? others : { ...others, [schedule]: scheduledAt });
  const latest = all.toSorted(([, a], [, b]) => b - a).slice(0, KEPT);
  return latest.length > 0 ? Object.fromEntries(latest) : undefined;
}
