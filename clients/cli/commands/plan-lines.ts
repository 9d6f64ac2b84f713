import type { components } from '../../../contracts/openapi.d.ts';
import { clip } from '../../terminal/layout.ts';
import type { Output } from '../output.ts';

type Schemas = components['schemas'];

const CATEGORIES: Record<Schemas['PlanCategory'], string> = {
  wouldActivate: 'would be activated',
  alreadyOpen: 'asked for before, still open',
  alreadyActive: 'Active already',
  frozen: 'frozen',
  deleting: 'being deleted',
  otherStatus: 'in another state',
};

/** A line for each category that has flow logs: how many, and the first ids. */
export function planLines(
  out: Output,
  { planId, counts, ...more }: Pick<Schemas['Plan'], 'planId' | 'counts'> & Partial<Schemas['Plan']>,
): string[] {
  const width = out.terminal.isTTY ? out.columns : Number.POSITIVE_INFINITY;
  const categories = Object.keys(CATEGORIES) as Schemas['PlanCategory'][];
  const lines = categories
    .filter((category) => counts[category] > 0)
    .map((category) => {
      const ids = more.ids?.[category].join(', ') ?? '';
      return clip(`${String(counts[category]).padStart(6)} ${CATEGORIES[category]}  ${ids}`.trimEnd(), width);
    });
  return [planId, ...(lines.length > 0 ? lines : ['  Nothing matches.'])];
}
