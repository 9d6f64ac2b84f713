import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/** For every SDK client. A call that hangs must fail while the invocation still has time to report it. */
export const CLIENT_OPTIONS = {
  // Otherwise the SDK puts the middleware of a command together anew for each call.
  cacheMiddleware: true,
  requestHandler: {
    connectionTimeout: 1_000,
    requestTimeout: 3_000,
    // By default the SDK only logs a warning when a request takes too long.
    throwOnRequestTimeout: true,
    // The time for each address of a host: two addresses fit into connectionTimeout. Node's default is 250 ms.
    httpsAgent: { autoSelectFamilyAttemptTimeout: 500 },
  },
};

export type ClientOptions = Pick<DynamoDBClientConfig, 'cacheMiddleware' | 'requestHandler'>;
