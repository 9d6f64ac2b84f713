/** For every SDK client: a call that hangs must fail while the invocation still has time to say so. */
export const CLIENT_OPTIONS = {
  requestHandler: {
    connectionTimeout: 1_000,
    requestTimeout: 3_000,
    // Without it the SDK only warns of a request that takes too long.
    throwOnRequestTimeout: true,
    // Node gives up each of several addresses after 250 ms: half of the time for each of two.
    httpsAgent: { autoSelectFamilyAttemptTimeout: 500 },
  },
};
