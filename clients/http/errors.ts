import type { components } from '../../contracts/openapi.d.ts';
import { PROBLEM_PREFIX } from '../../lib/http/problem.ts';

type Problem = components['schemas']['Problem'];
type Responses = components['responses'];

/** The `type` of every problem that a response of the contract can have. */
type ProblemType = {
  [Name in keyof Responses]: Responses[Name] extends {
    content: { 'application/problem+json': { type: infer Type extends string } };
  }
    ? Type
    : never;
}[keyof Responses];

type CodeOf<Type> = Type extends `urn:flow-log-activator:problem:${infer Code}` ? Code : never;

/** `gateway`: API Gateway's own response, no function of the service was asked. A later version may have more codes. */
export type ProblemCode = CodeOf<ProblemType> | 'gateway' | (string & {});

/** The service refused the request, as an RFC 9457 problem or as API Gateway's own response. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly code: ProblemCode;
  /** Every bad field, if fields are bad. */
  readonly fields: readonly { field: string; message: string }[];
  /** The whole body. */
  readonly problem: Readonly<Partial<Problem>>;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? problem.title ?? `the service returned HTTP ${status}`);
    this.status = status;
    this.problem = problem;
    this.code = problem.type?.startsWith(PROBLEM_PREFIX)
      ? problem.type.slice(PROBLEM_PREFIX.length)
      : 'gateway';
    this.fields = problem.errors ?? [];
  }
}

/** No response came: wrong address, no network, or the service is down. Whether the request took effect is unknown. */
export class ServiceUnreachable extends Error {
  override readonly name = 'ServiceUnreachable';
  readonly url: string;
  /** Such as `ECONNREFUSED`. */
  readonly code: string;

  constructor(url: string, cause: unknown) {
    const code = codeOf(cause);
    super(`${url} cannot be reached: ${code}`, { cause });
    this.url = url;
    this.code = code;
  }
}

/** There are no AWS credentials to sign the requests with. */
export class CredentialsMissing extends Error {
  override readonly name = 'CredentialsMissing';
}

function codeOf(cause: unknown): string {
  for (let error = cause; error instanceof Error; error = error.cause) {
    if ('code' in error && typeof error.code === 'string') return error.code;
    if (error.name === 'TimeoutError') return 'no response in time';
  }
  return cause instanceof Error ? cause.message : String(cause);
}

/** Returns the error for a response that is not 2xx. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const body: unknown = await response.json().catch(() => undefined);
  const fields = typeof body === 'object' && body !== null ? body : {};
  // API Gateway says {message}, with any capital.
  const [, message] = Object.entries(fields).find(([key]) => key.toLowerCase() === 'message') ?? [];
  return new ApiProblem(response.status, typeof message === 'string' ? { detail: message } : fields);
}
