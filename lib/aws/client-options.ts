/** For every SDK client: a call that hangs must fail while the invocation still has time to say so. */
export const CLIENT_OPTIONS = { requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000 } };
