import { WHAT_NOW, WHAT_NOW_DRIFTED } from '../../../../clients/http/what-now.ts';
import type { CloudEvent } from '../messages.ts';

/** An event in words for people. Every text is one line, without control characters, and not escaped for any chat. */
export type Notice = {
  title: string;
  facts: readonly (readonly [label: string, value: string])[];
  whatNow?: string;
  link?: string;
};

/** Each text from outside is cut here, so that no notice exceeds the limit of any chat. */
const VALUE_LENGTH = 200;
const MOST_FACTS = 10;

/**
 * Every title begins with `Flow log`, so that a bot may ask for this keyword. `console`: the address of the page, for a
 * link to what the notice is about.
 */
export function noticeOf({ type, subject, data }: CloudEvent, console?: string): Notice {
  const field = (name: string) => textOf(isObject(data) ? data[name] : undefined);
  const about = (name: string) => field(name) || textOf(subject);
  const link = linkOf(console, field('activationId'), field('batchId'));
  const facts = [...FACTS.map(([name, label]) => [label, field(name)] as const), ...numbersOf(data)]
    .filter(([, value]) => value !== '' && value !== '0')
    .slice(0, MOST_FACTS);
  const notice = { facts, ...(link && { link }) };
  const [kind] = type.split(/\.v\d+$/);
  switch (kind) {
    case 'flow-log-activation.submitted':
      return { ...notice, title: `Flow log ${about('flowLogId')}: activation submitted` };
    case 'flow-log-activation.completed':
      return { ...notice, title: `Flow log ${about('flowLogId')} is Active` };
    case 'flow-log-activation.failed':
      return {
        ...notice,
        title: `Flow log ${about('flowLogId')} was not activated: ${field('reason')}`,
        whatNow: whatNowFor(field('reason')),
      };
    case 'flow-log.drifted':
      return {
        ...notice,
        title: `Flow log ${about('flowLogId')} is no longer Active: ${field('kind')}`,
        whatNow: WHAT_NOW_DRIFTED,
      };
    case 'flow-log-deactivation.submitted':
      return { ...notice, title: `Flow log ${about('flowLogId')}: deactivation submitted` };
    case 'flow-log-deactivation.completed':
      return { ...notice, title: `Flow log ${about('flowLogId')} is Inactive` };
    case 'flow-log-deactivation.failed':
      return {
        ...notice,
        title: `Flow log ${about('flowLogId')} was not deactivated: ${field('reason')}`,
        // The texts of these two reasons are about a flow log that is to be Active.
        whatNow: ['deadline-exceeded', 'activation-failed'].includes(field('reason'))
          ? WHAT_NOW.unexpected
          : whatNowFor(field('reason')),
      };
    case 'flow-log-deactivation-batch.completed':
    case 'flow-log-batch.completed':
      return { ...notice, title: `Flow log batch ${about('batchId')} has ended` };
    case 'flow-log-policy-run.completed':
      return {
        ...notice,
        title: `Flow log policy ${about('policy')}: ${gapsOf(data)}`,
        whatNow: 'Which, why and since when: flow-log-activator report.',
      };
    case 'flow-log-batch.planned':
      return { ...notice, title: `Flow log schedule ${about('schedule')}: plan` };
    default:
      // An event of a later version, or of another kind: named, with what it has of the fields that are known.
      return { ...notice, title: `Flow log activator, ${textOf(type)}: ${textOf(subject)}` };
  }
}

/** The fields of an event's data that a person is told, in this order. */
const FACTS = [
  ['flowLogId', 'flow log'],
  ['account', 'account'],
  ['region', 'region'],
  ['reason', 'reason'],
  ['kind', 'what is wrong'],
  ['lastError', 'last error'],
  ['attempts', 'calls'],
  ['total', 'flow logs'],
  ['unreadTotal', 'accounts and regions not read'],
] as const;

/** Counts, reasons and kinds, such as `completed 9, failed 3`. */
function numbersOf(data: unknown): (readonly [string, string])[] {
  return ['counts', 'reasons', 'kinds'].map((name) => {
    const numbers = isObject(data) && isObject(data[name]) ? Object.entries(data[name]) : [];
    const told = numbers.flatMap(([key, count]) =>
      typeof count === 'number' && count > 0 ? [`${key} ${count}`] : [],
    );
    return [name, textOf(told.join(', '))];
  });
}

function gapsOf(data: unknown): string {
  const counts = isObject(data) && isObject(data.counts) ? data.counts : {};
  if (counts.gap === 1) return '1 gap';
  return `${counts.gap === 0 ? 'no' : textOf(counts.gap)} gaps`;
}

function whatNowFor(reason: string): string {
  const texts: Readonly<Record<string, string>> = WHAT_NOW;
  return Object.hasOwn(texts, reason) ? (texts[reason] ?? WHAT_NOW.unexpected) : WHAT_NOW.unexpected;
}

function linkOf(console: string | undefined, activationId: string, batchId: string): string | undefined {
  const [section, id] = activationId ? ['activations', activationId] : ['batches', batchId];
  if (console === undefined || !id) return undefined;
  return `${console}#/${section}/${encodeURIComponent(id)}`;
}

/** One line, without what a terminal or a chat could take for more than text. An error becomes its code and message. */
function textOf(value: unknown): string {
  if (isObject(value)) return [textOf(value.code), textOf(value.message)].filter(Boolean).join(': ');
  if (typeof value !== 'string' && typeof value !== 'number') return '';
  const line = String(value)
    .toWellFormed()
    .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}]+/gu, ' ')
    .trim();
  return line.length <= VALUE_LENGTH ? line : `${line.slice(0, VALUE_LENGTH).toWellFormed()}…`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
