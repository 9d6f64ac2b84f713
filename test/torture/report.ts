import { generationsOf, isExcused, outboxEventKey, redeliveries } from './invariants/messages.ts';
import type { Evidence } from './ledger.ts';
import type { Plan } from './plan.ts';
import type { Violation } from './violation.ts';

const SHOWN_VIOLATIONS = 20;

export type RunResult = {
  title: string;
  plan: Plan;
  evidence: Evidence;
  violations: Violation[];
  tookMs: number;
};

/** What a run went through and what it shows, for the reader of a terminal. */
export function reportOf({ title, plan, evidence, violations, tookMs }: RunResult): string {
  const { activations, calls, events, batchEvents, deadLetters, poison, requests, faults } = evidence;
  const count = (kind: Violation['kind']) => violations.filter((violation) => violation.kind === kind).length;
  const answers = requests.flatMap(({ answer }) => answer.activations);
  const attempts = activations.reduce((sum, activation) => sum + activation.attempts, 0);
  const replays = requests.reduce((sum, request) => sum + request.replays.length, 0);
  const struck = [...faults.values()].reduce((sum, strikes) => sum + strikes, 0);
  const late = activations.filter(({ flowLogId, reason }) => {
    const scenario = plan.flowLogs.find((planned) => planned.flowLogId === flowLogId)?.scenario;
    return reason === 'deadline-exceeded' && scenario?.reason !== reason;
  });
  const lines = [
    `${title}  (seed ${plan.seed}, ${(tookMs / 1_000).toFixed(1)} s)`,
    `  asked     ${plan.flowLogs.length} flow logs in ${requests.length} requests, ${replays} replays; ${activations.length} activations, ${answers.filter(({ joined }) => joined).length} joins`,
    `  ended     ${tally(activations.map(({ status, reason }) => reason ?? status))}${late.length > 0 ? ` (${late.length} by the deadline, whose time faults and kills used up)` : ''}`,
    `  faults    ${struck} of ${calls.length} calls: ${[...faults].map(([label, strikes]) => `${label} ${strikes}`).join(', ')}`,
    `  kills     functions ${evidence.functionKills}, world ${evidence.worldKilledAt.length}; ${attempts} attempts counted`,
    `  told      ${events.length} events, ${redeliveries(events)} of them again (same id, same bytes); ${new Set(batchEvents.map(({ id }) => id)).size} ends of batches; ${deadLetters.length} dead letters; poison ${poison.length}`,
    ...(evidence.worldKilledAt.length > 0 ? [`  excused   ${excused(evidence)}`] : []),
    `  lost = ${count('lost')}, duplicates = ${count('duplicate')}, otherwise wrong = ${count('wrong')}`,
    ...violations.slice(0, SHOWN_VIOLATIONS).map(({ kind, message }) => `  ✗ ${kind}: ${message}`),
  ];
  if (violations.length > SHOWN_VIOLATIONS)
    lines.push(`  … and ${violations.length - SHOWN_VIOLATIONS} more`);
  return lines.join('\n');
}

/** What ended before the world was killed and went with the memory of its queues. */
function excused(evidence: Evidence): string {
  const told = new Set(evidence.events.filter(({ type }) => !type.includes('submitted')).map(outboxEventKey));
  const deadLettered = new Set(evidence.deadLetters.map(outboxEventKey));
  const ended = generationsOf(evidence.activations).filter((generation) => isExcused(generation, evidence));
  const events = ended.filter(({ key }) => !told.has(key)).length;
  const deadLetters = ended.filter(({ key, status }) => status === 'failed' && !deadLettered.has(key)).length;
  return `${events} final events and ${deadLetters} dead letters that were in the queues' memory`;
}

function tally(words: string[]): string {
  const groups = [...Map.groupBy(words, (word) => word)].sort(([, a], [, b]) => b.length - a.length);
  return groups.map(([word, { length }]) => `${word} ${length}`).join(', ');
}
