import type { EventEnvelope } from './envelope.ts';
import { compileEventPattern, type EventMatcher } from './pattern.ts';

/** Where a rule sends an event, and which part of it. */
export type RuleTarget = { id: string; arn: string; input?: string; inputPath?: string };

type Rule = { enabled: boolean; matches: EventMatcher; targets: Map<string, RuleTarget> };

/** One bus with its rules. */
export class EventBus {
  readonly name: string;
  readonly arn: string;
  readonly #rules = new Map<string, Rule>();

  constructor(name: string, arn: string) {
    this.name = name;
    this.arn = arn;
  }

  /**
   * Creates or changes a rule and keeps its targets.
   * @throws InvalidEventPatternError
   */
  putRule(name: string, pattern: unknown, enabled: boolean): void {
    const matches = compileEventPattern(pattern);
    this.#rules.set(name, { enabled, matches, targets: this.#rules.get(name)?.targets ?? new Map() });
  }

  /** False when there is no such rule. A target with a known id replaces the earlier one. */
  putTargets(ruleName: string, targets: RuleTarget[]): boolean {
    const rule = this.#rules.get(ruleName);
    for (const target of targets) rule?.targets.set(target.id, target);
    return rule !== undefined;
  }

  /** The targets of every enabled rule that matches; a target of two matching rules gets the event twice. */
  targetsOf(event: EventEnvelope): RuleTarget[] {
    return [...this.#rules.values()]
      .filter((rule) => rule.enabled && rule.matches(event))
      .flatMap((rule) => [...rule.targets.values()]);
  }
}
