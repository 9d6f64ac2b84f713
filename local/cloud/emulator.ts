/** A service of the local cloud: its endpoint, and how to end it. */
export type Emulator = { url: string; close(): Promise<void> };

/** A service that runs elsewhere and is none of our business to end. */
export function external(url: string): Emulator {
  return { url: url.replace(/\/$/, ''), close: async () => {} };
}
