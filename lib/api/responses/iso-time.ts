/** Milliseconds since the epoch in ISO 8601. */
export function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

export function isoIfAny(timeMs: number | undefined): string | undefined {
  return timeMs === undefined ? undefined : iso(timeMs);
}
