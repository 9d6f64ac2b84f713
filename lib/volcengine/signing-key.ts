import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** One key per secret, day and region: enough for all accounts of one process. */
const CACHED_KEYS = 256;

const cache = new Map<string, KeyObject>();

/**
 * Returns the signing key of a secret, day (`yyyymmdd`), region and service. Derives it once and caches it.
 * It is a KeyObject, because an HMAC of Node 24 takes six times as long with a Buffer as its key.
 */
export function signingKey(secret: string, date: string, region: string, service: string): KeyObject {
  const cacheKey = `${date}\n${region}\n${service}\n${secret}`;
  const cached = cache.get(cacheKey);
  if (cached !== undefined) return cached;

  let key = createHmac('sha256', secret).update(date).digest();
  for (const step of [region, service, 'request']) {
    key = createHmac('sha256', key).update(step).digest();
  }
  const derived = createSecretKey(key);
  const oldest = cache.size < CACHED_KEYS ? undefined : cache.keys().next().value;
  if (oldest !== undefined) cache.delete(oldest);
  cache.set(cacheKey, derived);
  return derived;
}
