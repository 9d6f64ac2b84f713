import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import openapi from '../../contracts/openapi.json' with { type: 'json' };
import { createHttpContract } from '../contract/documents/http-contract.ts';
import { require } from './surface.ts';

const contract = createHttpContract(openapi);

/** Throws Violation unless what was asked and answered is as the OpenAPI document says. `target` is the path as sent. */
export function checkDocumented(
  event: APIGatewayProxyEventV2,
  target: string,
  answer: APIGatewayProxyStructuredResultV2,
): void {
  const { headers, body = '', isBase64Encoded, rawQueryString, routeKey, requestContext } = event;
  const verdict = contract.check({
    method: requestContext.http.method,
    target: rawQueryString === '' ? target : `${target}?${rawQueryString}`,
    requestHeaders: textsOf(headers),
    requestBody: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
    status: answer.statusCode ?? 0,
    headers: textsOf(answer.headers ?? {}),
    body: Buffer.from(answer.body ?? ''),
  });
  // API Gateway gives `$default` only what no route takes.
  if (routeKey === '$default' && verdict.covered !== undefined) return;
  require(verdict.violations.length === 0, () => `not as documented: ${verdict.violations.join('; ')}`);
}

function textsOf(headers: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), String(value)]],
    ),
  );
}
