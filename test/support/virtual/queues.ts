/* The queues. A new one is a line in the list. */

export const WORK_QUEUE = 'work';
export const DEAD_LETTER_QUEUE = 'dead-letters';
export const POISON_QUEUE = 'poison';
export const POLL_QUEUE = 'poll';

/** By URL: as what infra/queues.yml has it. The target of a redrive policy stands before the queue that names it. */
export const QUEUES = [
  { url: POISON_QUEUE, deployedAs: 'PoisonQueue' },
  { url: DEAD_LETTER_QUEUE, deployedAs: 'DeadLetterQueue' },
  { url: POLL_QUEUE, deployedAs: 'PollQueue' },
  { url: WORK_QUEUE, deployedAs: 'ActivationQueue', poison: POISON_QUEUE },
] as const;
