import type fc from 'fast-check';
import { bodyNear } from './http-input.ts';

/** What SQS lets no message and no attribute hold: docs "SendMessage", MessageBody. */
const NO_SQS_TEXT = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

export const isSqsText = (text: string) => text !== '' && text.search(NO_SQS_TEXT) < 0;

/** Bodies of messages near one of `valid`, with every defect that SQS lets through. */
export const messageNear = (valid: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  bodyNear(valid).map((bytes) => bytes.toString().replace(NO_SQS_TEXT, '\ufffd'));
