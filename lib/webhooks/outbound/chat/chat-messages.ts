import { createHmac } from 'node:crypto';
import type { WebhookRequest } from '../ports.ts';
import type { Notice } from './notice.ts';

export const CHAT_FORMATS = ['feishu', 'lark', 'dingtalk', 'wecom', 'slack'] as const;
export type ChatFormatName = (typeof CHAT_FORMATS)[number];

/** Those whose bots can ask for a signature. */
export const SIGNED_FORMATS: readonly ChatFormatName[] = ['feishu', 'lark', 'dingtalk'];

type Message = { body: object; query?: Record<string, string> };
type Build = (notice: Notice, at: number, secret: string | undefined) => Message;

/**
 * The request that says a notice in a chat. `at`: ms since the epoch. `secret`: of the bot, if it asks for a signature.
 * Texts from outside go where the chat reads plain text only; where it has no such place, they are escaped.
 */
export function chatRequest(
  format: ChatFormatName,
  notice: Notice,
  at: number,
  secret?: string,
): WebhookRequest {
  const { body, query } = BUILD[format](notice, at, secret);
  return {
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
    ...(query && { query }),
  };
}

/**
 * A rich text: its `text` elements are not parsed, and a mention would be an element of its own. At most 20 kB.
 * Source: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot.
 */
const feishuIn =
  (language: 'zh_cn' | 'en_us'): Build =>
  ({ title, link, ...notice }, at, secret) => {
    const lines = linesOf(notice).map((text) => [{ tag: 'text', text }]);
    const content = [...lines, ...(link ? [[{ tag: 'a', text: 'Open', href: link }]] : [])];
    const timestamp = String(Math.floor(at / 1_000));
    // The text to sign is the key, and nothing is signed with it: so says the documentation.
    const sign =
      secret === undefined
        ? undefined
        : createHmac('sha256', `${timestamp}\n${secret}`).update('').digest('base64');
    return {
      body: {
        ...(sign !== undefined && { timestamp, sign }),
        msg_type: 'post',
        content: { post: { [language]: { title, content } } },
      },
    };
  };

/**
 * Plain text. Nobody is mentioned unless `at` names them. At most 20 kB.
 * Source: https://open.dingtalk.com/document/robots/custom-robot-access, "customize robot security settings".
 */
const dingtalk: Build = ({ title, link, ...notice }, at, secret) => {
  const content = [title, ...linesOf(notice), ...(link ? [link] : [])].join('\n');
  const timestamp = String(Math.floor(at));
  return {
    body: { msgtype: 'text', text: { content }, at: { isAtAll: false } },
    ...(secret !== undefined && {
      query: {
        timestamp,
        sign: createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64'),
      },
    }),
  };
};

const WECOM_BYTES = 4_096;

/**
 * Markdown; it has no plain text without `<@userid>`, which mentions. Source:
 * https://developer.work.weixin.qq.com/document/path/91770.
 */
const wecom: Build = ({ title, facts, whatNow, link }) => {
  const lines = [
    `**${wecomText(title)}**`,
    ...facts.map(([label, value]) => `>${label}: ${wecomText(value)}`),
    ...(whatNow ? [whatNow] : []),
    ...(link ? [`[Open](${link})`] : []),
  ];
  return { body: { msgtype: 'markdown', markdown: { content: withinBytes(lines, WECOM_BYTES) } } };
};

/**
 * WeCom documents no way to escape. Characters that begin or end a markup become their full-width forms, which look
 * alike and mean nothing.
 */
function wecomText(text: string): string {
  return text.replace(/[<>[\]()*`#@!]/g, (character) =>
    String.fromCodePoint((character.codePointAt(0) ?? 0) + 0xfee0),
  );
}

/** Whole lines from the first on, as many as fit. */
function withinBytes(lines: string[], limit: number): string {
  let kept = lines;
  while (kept.length > 1 && Buffer.byteLength(kept.join('\n')) > limit) kept = kept.slice(0, -1);
  return kept.join('\n');
}

/** Limits of Block Kit: https://docs.slack.dev/reference/block-kit/blocks. */
const SLACK_HEADER = 150;

/** Blocks whose texts are `plain_text`, and a `text` for notifications, in which three characters are escaped. */
const slack: Build = ({ title, facts, whatNow, link }) => {
  const plain = (text: string) => ({ type: 'plain_text', text, emoji: false });
  const fields = facts.map(([label, value]) => plain(`${label}: ${value}`));
  return {
    body: {
      text: slackText(title),
      unfurl_links: false,
      unfurl_media: false,
      blocks: [
        { type: 'header', text: plain(title.slice(0, SLACK_HEADER).toWellFormed()) },
        ...(fields.length > 0 ? [{ type: 'section', fields }] : []),
        ...(whatNow ? [{ type: 'section', text: plain(whatNow) }] : []),
        ...(link ? [{ type: 'section', text: { type: 'mrkdwn', text: `<${slackText(link)}|Open>` } }] : []),
      ],
    },
  };
};

/** Source: https://docs.slack.dev/messaging/formatting-message-text, "Escaping text". */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const BUILD: Readonly<Record<ChatFormatName, Build>> = {
  feishu: feishuIn('zh_cn'),
  lark: feishuIn('en_us'),
  dingtalk,
  wecom,
  slack,
};

function linesOf({ facts, whatNow }: Pick<Notice, 'facts' | 'whatNow'>): string[] {
  const lines = facts.map(([label, value]) => `${label}: ${value}`);
  return whatNow ? [...lines, `What now: ${whatNow}`] : lines;
}
