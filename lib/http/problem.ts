import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

export type FieldError = {
  /** A JSON path into the body (`flowLogIds[3]`), or the name of a header or parameter. */
  field: string;
  message: string;
};

export type ProblemDetails = {
  status: number;
  /** Stable: the last part of the problem's `type`. */
  code: string;
  title: string;
  detail?: string;
  /** Every bad field. The response shows at most ERRORS_LIMIT of them. */
  errors?: FieldError[];
  headers?: Record<string, string>;
  /** Extension members of the body, defined by the problem type (RFC 9457, section 3.2). */
  extensions?: Record<string, unknown>;
};

const ERRORS_LIMIT = 20;
/** The maximum size of the errors as JSON. It keeps a problem below 4 kB, even with long field names. */
const ERRORS_BYTES = 2_500;

/** An error response that is thrown: RFC 9457 problem details. */
export class Problem extends Error {
  readonly details: ProblemDetails;
  constructor(details: ProblemDetails) {
    super(details.detail ?? details.title);
    this.name = 'Problem';
    this.details = details;
  }
}

export type ProblemType = { status: number; title: string };

/** The details of one occurrence; code, status and title come from the catalogue. */
export type Occurrence = Omit<ProblemDetails, 'code' | 'status' | 'title'>;

/** Returns a function that creates problems with the status and title of a catalogue. */
export function problemsOf<Code extends string>(types: Readonly<Record<Code, ProblemType>>) {
  return (code: Code, occurrence: Occurrence): Problem => {
    const { status, title } = types[code];
    return new Problem({ status, code, title, ...occurrence });
  };
}

/** The problems of any HTTP API that takes JSON. */
export const HTTP_PROBLEMS = {
  'unparsable-body': { status: 400, title: 'The body cannot be parsed' },
  'content-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The content type is not supported' },
  'invalid-content': { status: 422, title: 'The content is not valid' },
  'internal-error': { status: 500, title: 'Something went wrong on our side' },
} as const;

export const httpProblem = problemsOf(HTTP_PROBLEMS);

export const PROBLEM_PREFIX = 'urn:flow-log-activator:problem:';

export function problemResponse(details: ProblemDetails): APIGatewayProxyStructuredResultV2 {
  const { status, code, title, detail, errors, headers, extensions } = details;
  const shown = errors && firstOf(errors);
  const body = {
    type: `${PROBLEM_PREFIX}${code}`,
    title,
    status,
    ...(detail && { detail }),
    ...(shown && { errors: shown }),
    ...(errors && shown && errors.length > shown.length && { errorsInAll: errors.length }),
    ...extensions,
  };
  return {
    statusCode: status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: JSON.stringify(body),
  };
}

function firstOf(errors: FieldError[]): FieldError[] {
  let bytes = 0;
  return errors.slice(0, ERRORS_LIMIT).filter((error, index) => {
    bytes += Buffer.byteLength(JSON.stringify(error));
    return index === 0 || bytes <= ERRORS_BYTES;
  });
}

/** A path into the body such as `flowLogIds[3]`, cut to 100 characters because keys of a body may be huge. */
export function fieldOf(keys: readonly unknown[]): string {
  const parts = keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key) || '""'}`));
  return parts.join('').replace(/^\./, '').slice(0, 100).toWellFormed() || 'body';
}

/** 422 for content that can be parsed but is not valid. */
export function invalidContent(errors: FieldError[]): Problem {
  const detail = errors
    .slice(0, 3)
    .map(({ field, message }) => `${field}: ${message}`)
    .join('; ');
  return httpProblem('invalid-content', { detail: detail.slice(0, 200).toWellFormed(), errors });
}
