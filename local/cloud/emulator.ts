/** A service of the local cloud: its endpoint, and how to end it. */
export type Emulator = { url: string; close(): Promise<void> };

/** A service that runs elsewhere. `close` does not end it. */
export function external(url: string): Emulator {
  return { url: url.replace(/\/$/, ''), close: async () => {} };
}
