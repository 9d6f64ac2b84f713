import { ApiProblem, CredentialsMissing, ServiceUnreachable } from '../http/client.ts';
import { EXIT, type ExitStatus } from './command.ts';

/** The command line cannot be carried out as it is. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** There is nothing with the given id. */
export class NothingFound extends Error {
  override readonly name = 'NothingFound';
}

/** What a failure means for the exit status, and what to do about it. */
export function explain(error: unknown, isLocal: boolean): { status: ExitStatus; lines: string[] } {
  if (error instanceof UsageError) return { status: EXIT.usage, lines: [error.message] };
  if (error instanceof NothingFound) return { status: EXIT.failed, lines: [error.message] };
  if (error instanceof ServiceUnreachable) {
    const now = isLocal
      ? 'Start the local world with `npm start`, or name a deployed service with --stage or --url.'
      : 'Check the address and the network: `flow-log-activator doctor` looks step by step.';
    return { status: EXIT.noService, lines: [`${error.message}.`, now] };
  }
  if (error instanceof CredentialsMissing || isWithoutCredentials(error)) {
    const now =
      'Log in (`aws sso login`, `aws login`), choose a --profile, or set AWS_ACCESS_KEY_ID and its like.';
    return { status: EXIT.noService, lines: [`There are no AWS credentials: ${error.message}`, now] };
  }
  if (error instanceof ApiProblem) return explainProblem(error);
  if (isOfAws(error)) {
    return { status: EXIT.noService, lines: [`AWS refuses us: ${error.name}: ${error.message}`] };
  }
  throw error;
}

const WHAT_NOW = new Map([
  [
    'deactivation-disabled',
    'Deploy it with --param allowDeactivation=true, or start the local world with ALLOW_DEACTIVATION=true.',
  ],
  [
    'report-not-found',
    'A policy has one after its first run. `flow-log-activator report` lists the policies that have run, `report POLICY --runs` their runs.',
  ],
]);

function explainProblem({ status, code, message, fields }: ApiProblem): {
  status: ExitStatus;
  lines: string[];
} {
  const now = WHAT_NOW.get(code);
  if (now !== undefined) return { status: EXIT.failed, lines: [`${message}.`, now] };
  if (status === 403 || status === 401) {
    const now = 'The caller needs the right execute-api:Invoke. Who you are: `flow-log-activator doctor`.';
    return { status: EXIT.noService, lines: [`The service refuses us: ${message} (HTTP ${status}).`, now] };
  }
  if (status >= 500 || status === 429) {
    return {
      status: EXIT.noService,
      lines: [`The service cannot answer now: ${message} (HTTP ${status}, ${code}).`],
    };
  }
  const lines =
    fields.length > 0 ? fields.map(({ field, message: why }) => `${field} ${why}.`) : [`${message}.`];
  return { status: status === 422 ? EXIT.usage : EXIT.failed, lines };
}

/** AWS's SDK marks its errors. */
function isOfAws(error: unknown): error is Error {
  return error instanceof Error && '$metadata' in error;
}

function isWithoutCredentials(error: unknown): error is Error {
  return error instanceof Error && error.name === 'CredentialsProviderError';
}
