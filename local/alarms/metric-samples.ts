import type { MetricId } from './alarm-definitions.ts';

type Sample = { at: number; value: number };

/** What was measured, by metric. Times are milliseconds since the epoch. */
export class MetricSamples {
  readonly #samples = new Map<string, Sample[]>();

  add(metric: MetricId, value: number, at = Date.now()): void {
    const samples = this.#samples.get(keyOf(metric));
    if (samples) samples.push({ at, value });
    else this.#samples.set(keyOf(metric), [{ at, value }]);
  }

  /** From `from` on, before `until`. */
  between(metric: MetricId, from: number, until: number): number[] {
    const samples = this.#samples.get(keyOf(metric)) ?? [];
    return samples.filter(({ at }) => at >= from && at < until).map(({ value }) => value);
  }

  forgetBefore(time: number): void {
    for (const [key, samples] of this.#samples) {
      if (samples.some(({ at }) => at < time)) {
        this.#samples.set(
          key,
          samples.filter(({ at }) => at >= time),
        );
      }
    }
  }
}

function keyOf({ namespace, name, dimension }: MetricId): string {
  return `${namespace} ${name} ${dimension}`;
}
