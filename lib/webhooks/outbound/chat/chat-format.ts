import type { CloudEvent } from '../messages.ts';
import type { PostOutcome, WebhookRequest } from '../ports.ts';
import type { AttemptVerdict } from '../retry.ts';
import { classifyChatAttempt } from './chat-answers.ts';
import { type ChatFormatName, chatRequest } from './chat-messages.ts';
import { noticeOf } from './notice.ts';

/** How an event is said in a chat in place of Standard Webhooks, and what the chat's answer means. */
export type ChatFormat = {
  /** Rejects when the secret cannot be read. `at`: ms since the epoch. */
  request(event: CloudEvent, at: number): Promise<WebhookRequest>;
  classify(outcome: PostOutcome, retryAfterMs: number | undefined): AttemptVerdict;
};

type Options = {
  /** Of the bot, if it asks for a signature. */
  readSecret?: (() => Promise<string>) | undefined;
  /** The address of the page, for links. */
  console?: string | undefined;
};

export function createChatFormat(name: ChatFormatName, { readSecret, console }: Options): ChatFormat {
  return {
    async request(event, at) {
      return chatRequest(name, noticeOf(event, console), at, await readSecret?.());
    },
    classify: (outcome, retryAfterMs) => classifyChatAttempt(name, outcome, retryAfterMs),
  };
}
