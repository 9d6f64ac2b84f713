/** For every SDK client: a call that hangs must fail while the invocation still has time to say so. */
export const CLIENT_OPTIONS = {
  // Without the last one the SDK only warns of a request that takes too long.
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
};
