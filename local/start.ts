import { enableCompileCache } from 'node:module';
import { readCommandLine } from '../clients/terminal/command-line.ts';
import { COMPILE_CACHE_DIR } from './compile-cache.ts';

readCommandLine({
  command: 'npm start',
  about: `Runs the service on this machine, until Ctrl-C: the HTTP API, the functions, a queue, a table, a bus, and a fake
Volcengine that knows every flow log id. Needs no account. Piped, it logs JSON, one object a line.`,
  environment: {
    PORT: 'of the API, on 127.0.0.1; 0 takes a free one (default: 3000)',
    DATA_DIR: 'keeps the table and the fake (default: .local)',
    CONFIGURATION_FILE: 'JSON with more accounts and policies; it may change while this runs',
    EXTRA_STACK: 'a directory whose serverless.yml runs beside the service',
    VOLCENGINE_ENDPOINT: 'call this instead of the fake',
    LOCAL_SPEED: 'alarms have periods so many times shorter, and Lambda retries so much sooner (default: 1)',
    AWS_ENDPOINT_URL_SQS: 'use this SQS; also _DYNAMODB and _EVENTBRIDGE',
    POLL_TICK_MS: 'and most other variables of the configuration: see docs/reference/configuration.md',
  },
  examples: [''],
});
// Before anything else is loaded.
enableCompileCache(COMPILE_CACHE_DIR);
await import('./command.ts');
