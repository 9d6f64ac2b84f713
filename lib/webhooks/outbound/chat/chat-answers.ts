import type { PostOutcome } from '../ports.ts';
import { type AttemptVerdict, classifyAttempt } from '../retry.ts';
import type { ChatFormatName } from './chat-messages.ts';

/**
 * `refused`: no repetition can help, for this event or for any. `throttled`: wait at least this long. Every other code is
 * repeated, as a wrong signature, keyword or allowlist can be corrected within the day.
 */
type Answer = { kind: 'refused' } | { kind: 'throttled'; afterMs: number };

const refused: Answer = { kind: 'refused' };
const MINUTE_MS = 60_000;
const throttled = (afterMs: number): Answer => ({ kind: 'throttled', afterMs });

/**
 * Codes by which an answer is more than a failure that is repeated. Sources: the pages named in chat-messages.ts, and
 * https://developer.work.weixin.qq.com/document/path/90313, https://api.slack.com/messaging/webhooks#handling_errors.
 */
const FEISHU: Readonly<Record<string, Answer>> = {
  // The body is not as it must be, or too long.
  9499: refused,
  19002: refused,
  19036: refused,
  // No such bot.
  19001: refused,
  // Too many of this bot, or of all bots at a full hour.
  11232: throttled(MINUTE_MS),
  99991400: throttled(MINUTE_MS),
};

export const CHAT_ANSWERS: Readonly<Record<ChatFormatName, Readonly<Record<string, Answer>>>> = {
  feishu: FEISHU,
  lark: FEISHU,
  dingtalk: {
    // A parameter is missing or wrong, an unknown message type.
    40035: refused,
    400105: refused,
    // The group is dissolved; the token or the bot does not exist, or is stopped.
    400013: refused,
    300005: refused,
    400101: refused,
    400102: refused,
    400106: refused,
    // The content is not allowed.
    430101: refused,
    430102: refused,
    430103: refused,
    430104: refused,
    // More than 20 messages in a minute: none for ten.
    130101: throttled(10 * MINUTE_MS),
    410100: throttled(10 * MINUTE_MS),
  },
  wecom: {
    40008: refused,
    40035: refused,
    40058: refused,
    44004: refused,
    // No such bot, or it was removed.
    93000: refused,
    93004: refused,
    // More than 20 messages in a minute.
    45009: throttled(MINUTE_MS),
    45033: throttled(MINUTE_MS),
  },
  slack: {
    invalid_payload: refused,
    invalid_blocks: refused,
    invalid_blocks_format: refused,
    no_text: refused,
    too_many_attachments: refused,
    // No such webhook, channel, user or team.
    no_service: refused,
    no_service_id: refused,
    no_active_hooks: refused,
    no_team: refused,
    team_disabled: refused,
    invalid_token: refused,
    channel_not_found: refused,
    channel_is_archived: refused,
    user_not_found: refused,
    action_prohibited: refused,
    posting_to_general_channel_denied: refused,
    rate_limited: throttled(30_000),
  },
};

/** Classifies an attempt by what the chat says in the body, whatever the status: most say errors with a 200. */
export function classifyChatAttempt(
  format: ChatFormatName,
  outcome: PostOutcome,
  retryAfterMs: number | undefined,
): AttemptVerdict {
  if (outcome.kind === 'no-response') return classifyAttempt(outcome, retryAfterMs);
  const { httpStatus, excerpt, body = '' } = outcome;
  const code = format === 'slack' ? slackCode(body) : numericCode(body);
  const isSuccess = httpStatus >= 200 && httpStatus < 300;
  if (isSuccess && code === SUCCESS) return { kind: 'delivered', signal: { kind: 'up' } };
  const failure = {
    httpStatus,
    ...(code !== undefined && code !== SUCCESS && { code }),
    ...(excerpt !== '' && { excerpt }),
  };
  const table = CHAT_ANSWERS[format];
  const answer = code !== undefined && Object.hasOwn(table, code) ? table[code] : undefined;
  if (answer?.kind === 'refused') return { kind: 'refused', signal: { kind: 'up' }, failure };
  if (answer?.kind === 'throttled') {
    const afterMs = Math.max(answer.afterMs, retryAfterMs ?? 0);
    return { kind: 'retry', signal: { kind: 'down', retryAfterMs: afterMs }, failure, retryAfterMs: afterMs };
  }
  // A success without the chat's word for it may come from a proxy: nobody knows whether the message arrived.
  if (isSuccess) return { kind: 'retry', signal: { kind: 'up' }, failure, retryAfterMs: retryAfterMs ?? 0 };
  const verdict = classifyAttempt(outcome, retryAfterMs);
  return verdict.kind === 'delivered' ? verdict : { ...verdict, failure };
}

const SUCCESS = '0';

/** `errcode` of DingTalk and WeCom, `code` of Feishu, `StatusCode` of Feishu's earlier answers. */
function numericCode(body: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(body);
    if (typeof answer !== 'object' || answer === null) return undefined;
    const code: unknown = ['errcode', 'code', 'StatusCode']
      .map((name) => Reflect.get(answer, name))
      .find(isCode);
    return code === undefined ? undefined : String(code);
  } catch {
    return undefined;
  }
}

function isCode(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^-?\d{1,12}$/.test(value));
}

/** The body is `ok`, or the name of an error, maybe in JSON. */
function slackCode(body: string): string | undefined {
  const text = body.trim();
  if (text === 'ok') return SUCCESS;
  return /^(?:\{.*"error"\s*:\s*")?([a-z][a-z_]{1,63})(?:".*\})?$/s.exec(text)?.[1];
}
