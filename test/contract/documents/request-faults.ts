import { splitTarget } from '../../../local/http-api/request-event.ts';
import { type Exchange, jsonOf, mediaTypeOf, textOf, typed } from './exchange.ts';
import type { DocumentedOperation } from './http-document.ts';
import { faultsOf } from './strict-schema.ts';

/** Operations whose content is held to rules of the configuration; JSON is JSON there, whatever its dialect. */
export const CONFIGURED = ['receiveWebhook'];

const BODY_LIMIT_BYTES = 1_000_000;
/** No parameter but a charset of UTF-8. */
const UTF_8 = /^[^;]*(;\s*charset="?utf-8"?\s*)?$/i;

/** What the document does not allow in a request; nothing for one that it does. */
export function requestFaults(
  operation: DocumentedOperation,
  pathParameters: Record<string, string>,
  exchange: Exchange,
): string[] {
  const known = operation.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  // Where the document has no parameter, the query is of no account.
  const query = known.length > 0 ? queryOf(exchange.target) : new Map<string, string>();
  const given: Record<string, Record<string, string | undefined>> = {
    path: pathParameters,
    query: Object.fromEntries(query),
    header: exchange.requestHeaders,
  };
  const unknown = [...query.keys()].filter((name) => !known.includes(name));
  return [
    ...unknown.map((name) => `query: ${name} is not documented`),
    ...operation.parameters.flatMap(({ name, in: place, required, type, validate }) => {
      const value = given[place]?.[place === 'header' ? name.toLowerCase() : name];
      if (value === undefined) return required ? [`${place}: ${name} is missing`] : [];
      return faultsOf(validate, typed(value, type)).map((fault) => `${place}: ${name} ${fault}`);
    }),
    ...bodyFaults(operation, exchange),
  ];
}

/** As API Gateway has it: the values of a parameter that is given more than once are joined by commas. */
function queryOf(target: string): Map<string, string> {
  const given = Map.groupBy(new URLSearchParams(splitTarget(target).query), ([name]) => name);
  return new Map([...given].map(([name, values]) => [name, values.map(([, value]) => value).join(',')]));
}

function bodyFaults(
  { body, operationId }: DocumentedOperation,
  { requestBody, requestHeaders }: Exchange,
): string[] {
  if (!body) return [];
  if (requestBody.length === 0) return body.required ? ['the body is missing'] : [];
  if (requestBody.length > BODY_LIMIT_BYTES) return ['the body is too large'];
  const contentType = requestHeaders['content-type'];
  const mediaType = mediaTypeOf(contentType);
  const isOtherJson = CONFIGURED.includes(operationId) && /^application\/[\w.-]+\+json$/.test(mediaType);
  const contents = new Map(Object.entries(body.content));
  const content = contents.get(isOtherJson ? 'application/json' : mediaType);
  if (!content) return [`the content type ${contentType} is not documented`];
  if (!UTF_8.test(contentType ?? '')) return [`${contentType} does not mean UTF-8`];
  if (mediaType === 'application/x-www-form-urlencoded') {
    const form = Object.fromEntries(new URLSearchParams(textOf(requestBody) ?? ''));
    return faultsOf(content.validate, form);
  }
  const json = jsonOf(requestBody);
  return json ? faultsOf(content.validate, json.value) : ['the body is not JSON in UTF-8'];
}
