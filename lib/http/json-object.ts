import * as v from 'valibot';

/** Refuses a list, which valibot would accept as an object. */
export function jsonObject(message: string) {
  return v.custom<object>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    message,
  );
}

/** `v.record` drops these keys silently. */
export const LOST_KEYS = ['__proto__', 'constructor', 'prototype'];

/** An object whose keys the caller chooses. Refuses keys that would be lost. */
export function objectWithFreeKeys(message: string) {
  return v.pipe(
    jsonObject(message),
    v.check(
      (given) => !Object.keys(given).some((key) => LOST_KEYS.includes(key)),
      'must not have keys that objects have',
    ),
  );
}
