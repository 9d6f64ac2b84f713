import type { PutEventsEntry } from './validate-entries.ts';

/** An event as targets get it and patterns see it. */
export type EventEnvelope = {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: unknown;
};

export type EnvelopeOrigin = { id: string; account: string; region: string; now: Date };

/** Expects an entry for which `entryError` has returned nothing. */
export function buildEnvelope(entry: PutEventsEntry, origin: EnvelopeOrigin): EventEnvelope {
  const time = entry.Time === undefined ? origin.now : new Date(entry.Time * 1000);
  return {
    version: '0',
    id: origin.id,
    'detail-type': entry.DetailType ?? '',
    source: entry.Source ?? '',
    account: origin.account,
    // EventBridge sends whole seconds.
    time: time.toISOString().replace(/\.\d+Z$/, 'Z'),
    region: origin.region,
    resources: entry.Resources ?? [],
    detail: JSON.parse(entry.Detail ?? '{}'),
  };
}
