import { ERROR_TABLE, type ErrorRow } from '../../lib/volcengine/error-table.ts';

/** What can go wrong, and how often per opportunity in a schedule of ordinary violence. */
export const FAULT_RATES = {
  'dynamodb: refused': 0.02,
  'dynamodb: answer lost': 0.02,
  'dynamodb: answer lost, sent again by the SDK': 0.03,
  'dynamodb: slow': 0.01,
  'dynamodb: index behind': 0.15,
  'dynamodb: index throttled': 0.003,
  'dynamodb: keys unprocessed': 0.05,
  'sqs: refused': 0.05,
  'sqs: entry refused': 0.05,
  'sqs: answer lost': 0.05,
  'sqs: answer lost, sent again by the SDK': 0.05,
  'sqs: slow': 0.02,
  'eventbridge: refused': 0.05,
  'eventbridge: entry refused': 0.1,
  'eventbridge: answer lost': 0.05,
  'eventbridge: answer lost, sent again by the SDK': 0.05,
  'eventbridge: slow': 0.02,
  'eventbridge: bus missing': 0.2,
  'credentials: refused': 0.05,
  'credentials: answer lost': 0.02,
  'credentials: slow': 0.02,
  'delivery: twice': 0.1,
  'delivery: late': 0.1,
  'delivery: out of order': 0.3,
  'delivery: never': 0.05,
  'delivery: unreadable': 0.5,
  'volcengine: refused': 0.05,
  'volcengine: answer lost': 0.06,
  'volcengine: slow': 0.05,
  'volcengine: hangs': 0.03,
  'volcengine: garbage': 0.04,
  'volcengine: error of the table': 0.05,
  'volcengine: another error status': 0.03,
  'volcengine: clock off by 20 minutes': 0.3,
  'volcengine: two calls a second': 0.3,
  'volcengine: ClientToken forgotten': 0.2,
  'volcengine: absent from one answer': 0.15,
  'volcengine: access key replaced': 0.3,
  'volcengine: permissions taken away': 0.15,
  'webhook: refused': 0.05,
  'webhook: answer lost': 0.05,
  'webhook: slow': 0.02,
  'http: answer lost': 0.05,
  'clocks: up to 5 s off': 0.3,
  'poller: overlaps itself': 0.1,
  'poller: not invoked': 0.1,
  'table: item of unknown shape': 0.3,
  redeploy: 0.5,
} as const;

export type Fault = keyof typeof FAULT_RATES;

/** Nothing else goes wrong in it, so that every question has an answer. */
export const CALM_THEME = 'nothing but absences';

/** Replicas lag as far as they may, and flow logs become Active just before their deadline. */
export const LAGGING_THEME = 'replicas behind at the deadline';

/** Replacements crash in the middle, and what their copies have to tell is refused once it was told of the original. */
export const COPIES_THEME = 'copies beside their originals';

/** Parts of it come late, and what has been read moves on. */
export const PARTS_THEME = 'a batch read in parts';

/** What does most harm together. A schedule with a theme sees these kinds far more often. */
export const THEMES = {
  'an outcome after its lease': ['dynamodb: slow', 'volcengine: slow', 'delivery: twice'],
  'a call late in its lease': [
    'dynamodb: slow',
    'credentials: slow',
    'volcengine: slow',
    'volcengine: access key replaced',
  ],
  'a deadline during the call': ['volcengine: slow', 'volcengine: refused', 'delivery: twice'],
  'pollers at odds': [
    'poller: overlaps itself',
    'dynamodb: index behind',
    'eventbridge: entry refused',
    'sqs: entry refused',
  ],
  'nothing but the safety net': ['delivery: never', 'sqs: refused', 'poller: not invoked'],
  'a forgetful Volcengine': [
    'volcengine: absent from one answer',
    'volcengine: ClientToken forgotten',
    'volcengine: answer lost',
  ],
  'an account that is refused': ['volcengine: permissions taken away', 'volcengine: access key replaced'],
  [LAGGING_THEME]: ['volcengine: slow'],
  [PARTS_THEME]: ['dynamodb: keys unprocessed'],
  [COPIES_THEME]: ['eventbridge: bus missing'],
  [CALM_THEME]: ['volcengine: absent from one answer', 'clocks: up to 5 s off'],
} as const satisfies Record<string, readonly Fault[]>;

export type Theme = keyof typeof THEMES;

export const THEME_NAMES = Object.keys(THEMES).filter(isTheme);

function isTheme(name: string): name is Theme {
  return name in THEMES;
}

/** So that a schedule's name for a row is the row's: two share a code. */
export function rowName({ code, message }: ErrorRow): string {
  return `${code}${message ? ' (frozen)' : ''}`;
}

export const ROW_NAMES: readonly string[] = ERROR_TABLE.map(rowName);

/** Of plans, webhooks and operations. */
const LOAD_IO_KINDS = [
  'create operation',
  'read operation',
  'write operation',
  'write refusals',
  'read plan',
  'store plan',
  'store plan chunk',
  'mark plan executed',
  'find flow logs',
  'send deliveries',
  'send dead letter of a delivery',
  'POST webhook',
] as const;

/** Every kind of input and output there is; each is crashed before and after. */
export const IO_KINDS = [
  'create batch',
  'read batch',
  'move batch due',
  'end batch',
  'clear batch',
  'open',
  'read current',
  'read archived',
  'read many',
  'join',
  'archive',
  'mark joiner',
  'replace',
  'take lease',
  'record outcome',
  'become queued',
  'become completed',
  'become failed',
  'redrive',
  'requeue',
  'note absence',
  'clear outbox',
  'note drift',
  'read checkpoint',
  'save checkpoint',
  'read quota',
  'write quota',
  'send tick',
  'query due',
  'query list',
  'query completed',
  'enqueue',
  'send deadLetters',
  'poison',
  'PutEvents',
  'DescribeEventBus',
  'read credentials',
  'ActiveFlowLog',
  'DescribeFlowLogs',
  ...LOAD_IO_KINDS,
] as const;

/** They come up in few schedules, or seldom, so each schedule is ready to crash at some of them. */
export const RARE_IO_KINDS = [
  'archive',
  'become completed',
  'become failed',
  'become queued',
  'clear batch',
  'end batch',
  'mark joiner',
  'note absence',
  'note drift',
  'poison',
  'query list',
  'read archived',
  'redrive',
  'replace',
  'requeue',
  'save checkpoint',
  ...LOAD_IO_KINDS,
] as const satisfies readonly IoKind[];

/** They come up seldom even so: nearly each schedule that has them is ready to crash at one of them. */
export const RAREST_IO_KINDS = {
  'webhooks out': ['send dead letter of a delivery'],
  plans: ['mark plan executed', 'save checkpoint'],
  operators: ['create operation', 'read operation', 'write operation', 'write refusals'],
  others: ['send deadLetters', 'save checkpoint', 'become queued', 'note absence', 'note drift'],
} as const satisfies Record<string, readonly IoKind[]>;

export type IoKind = (typeof IO_KINDS)[number];
export type CrashPoint = 'before' | 'after';
