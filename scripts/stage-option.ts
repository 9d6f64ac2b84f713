import { text } from '../clients/terminal/program.ts';

/** `flow-log-activator-<stage>-start-scheduled-batch` is the longest name, and Lambda takes 64 characters. */
export const LONGEST_STAGE = 23;

export const STAGE_PATTERN = new RegExp(`^[A-Za-z][A-Za-z0-9-]{0,${LONGEST_STAGE - 1}}$`);
export const STAGE_MUST = `1 to ${LONGEST_STAGE} letters, digits and hyphens, with a letter first`;

/** The stage is part of every name. AWS would refuse a longer stage late, and with a name that nobody has written. */
export const stageOption = text({
  help: 'part of every name',
  value: 'name',
  byDefault: '$STAGE, or dev',
  fallback: undefined,
  pattern: STAGE_PATTERN,
  must: STAGE_MUST,
});

/** Returns the stage if no option names it. Throws for a stage that the option would refuse. */
export function checkStageVariable({ STAGE }: NodeJS.ProcessEnv): void {
  if (STAGE && !STAGE_PATTERN.test(STAGE)) throw new Error(`STAGE must be ${STAGE_MUST}.`);
}
