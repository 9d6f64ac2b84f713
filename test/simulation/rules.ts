/** What the simulation holds the code to; each violation names the rule it breaks. */
export type Rule =
  | 'one open activation for a flow log'
  | 'one end for a generation'
  | 'completed only if Active while open'
  | 'fails only for a reason that was given'
  | 'one ClientToken for a generation'
  | 'calls only under a lease'
  | 'a live lease is respected'
  | 'no effective activation after the end'
  | 'one final event for a generation'
  | 'the same bytes for the same id'
  | 'nothing is told before it is true'
  | 'everyone who joined hears the end'
  | 'one dead letter for a failed generation'
  | 'no dead letter for an open generation'
  | 'equal answers for equal keys'
  | 'what was answered 202 can be read'
  | 'legal moves only'
  | 'told before it is forgotten'
  | 'due while work is left'
  | 'archived before it is replaced'
  | 'what was promised was done'
  | 'no failure without a fault'
  | 'everything ends in bounded time'
  | 'what cannot be read is left alone';

export type Violate = (rule: Rule, detail: string) => void;
