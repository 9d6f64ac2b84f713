import * as v from 'valibot';
import {
  type Content,
  type Header,
  type Operation,
  type OperationResponse,
  type Parameter,
  TAGS,
} from '../../lib/api/openapi/operation.ts';
import { NAMED_SCHEMAS, OPERATIONS } from '../../lib/api/openapi/operations.ts';
import { createConverter } from './json-schema.ts';
import { pascalCase, problemResponsesOf } from './problem-responses.ts';

const DESCRIPTION = `\
Activates Volcengine VPC flow logs and reports the result.

\`ActiveFlowLog\` only starts an activation. This API stores each request and finishes it. Each activation ends as \
\`completed\` when Volcengine shows the flow log Active, or as \`failed\` with a reason. Wait for the events on the bus \
(asyncapi.yaml), or poll this API.

- JSON in UTF-8. A body has at most 1,000,000 bytes.
- Errors are RFC 9457 problem details. Decide by \`type\`: \`urn:flow-log-activator:problem:\` and a code.
- An unknown path gets 404 \`unknown-route\`. An unknown method gets 405 \`method-not-allowed\` with \`Allow\`.
- A request may have \`X-Request-Id\` (up to 64 letters, digits or \`._~:=+/@-\`) and \`traceparent\` (W3C Trace Context). Log \
lines and events name them. Each response has the \`X-Request-Id\` that is in the log.
- Responses may get more fields, and lists of values more values. Ignore what you do not know.
- Requests are strict: an unknown field of a body, or an unknown parameter of a list, is refused with 422. An operation \
without parameters ignores the query.`;

const SERVERS = [
  {
    url: 'https://{apiId}.execute-api.{region}.amazonaws.com',
    description: "As deployed: the stack's output `HttpApiUrl`.",
    variables: {
      apiId: { default: 'a1b2c3d4e5', description: 'The id of the HTTP API.' },
      region: { default: 'ap-southeast-1', description: 'The AWS region of the stack.' },
    },
  },
  {
    url: 'http://127.0.0.1:3000',
    description: 'The local environment: `npm start`. Open to anyone on this machine.',
  },
];

const IAM_SCHEME = {
  type: 'apiKey',
  in: 'header',
  name: 'Authorization',
  description:
    'AWS Signature Version 4 for the service `execute-api`. The principal needs `execute-api:Invoke`. The local ' +
    'environment does not require it.',
  'x-amazon-apigateway-authtype': 'awsSigv4',
};

const converter = createConverter(NAMED_SCHEMAS, '#/components/schemas/');

/** The OpenAPI 3.1 document of the HTTP API, made from the schemas that check its requests and responses. */
export function openApiDocument(version: string): object {
  return {
    openapi: '3.1.1',
    info: {
      title: 'flow-log-activator',
      version,
      summary: 'Reliable activation of Volcengine VPC flow logs.',
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: SERVERS,
    security: [{ iam: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths: pathsOf(OPERATIONS),
    components: {
      schemas: converter.named(),
      responses: sharedResponses(Object.values(OPERATIONS)),
      securitySchemes: { iam: IAM_SCHEME },
    },
  };
}

function pathsOf(operations: Record<string, Operation>): object {
  const routes = Object.entries(operations).map(([route, operation]) => {
    const [method = '', path = ''] = route.split(' ');
    return { path, method: method.toLowerCase(), operation };
  });
  const paths = Map.groupBy(routes, ({ path }) => path);
  return Object.fromEntries(
    [...paths].map(([path, methods]) => [
      path,
      Object.fromEntries(methods.map(({ method, operation }) => [method, operationObject(operation)])),
    ]),
  );
}

function operationObject(operation: Operation): object {
  const { operationId, tag, summary, description, security, body, responses } = operation;
  const parameters = parametersOf(operation);
  const successes = Object.entries(responses).map(([status, response]) => [status, responseObject(response)]);
  const problems = problemResponsesOf(operation).map(({ status, name }) => [
    String(status),
    { $ref: `#/components/responses/${name}` },
  ]);
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    ...(security && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: body.required,
        content: Object.fromEntries(
          Object.entries(body.content).map(([mediaType, content]) => [mediaType, contentObject(content)]),
        ),
      },
    }),
    responses: Object.fromEntries([...successes, ...problems]),
  };
}

function parametersOf({ pathParameters = {}, query, headers = {} }: Operation): object[] {
  const place = (parameters: Record<string, Parameter>, where: string) =>
    Object.entries(parameters).map(([name, { schema, description, required = false }]) => ({
      name,
      in: where,
      required,
      description,
      schema: converter.convert(schema),
    }));
  const inQuery = Object.entries(query?.entries ?? {}).map(([name, schema]) => {
    const converted = converter.convert(schema);
    const { description = descriptionOf(converted.$ref), ...rules } = converted;
    return { name, in: 'query', required: false, description, schema: rules };
  });
  return [...place(pathParameters, 'path'), ...inQuery, ...place(headers, 'header')];
}

function descriptionOf(reference = ''): string | undefined {
  return converter.named()[reference.split('/').at(-1) ?? '']?.description;
}

function responseObject({ description, body, text, headers = {} }: OperationResponse): object {
  return {
    description,
    ...(Object.keys(headers).length > 0 && { headers: headerObjects(headers, true) }),
    ...(body && { content: { 'application/json': contentObject(body), ...(text && textObject(text)) } }),
  };
}

function textObject({ mediaType, example }: NonNullable<OperationResponse['text']>): object {
  return { [mediaType]: contentObject({ schema: v.string(), examples: { Text: example } }) };
}

function contentObject({ schema, examples }: Content): object {
  return {
    schema: converter.convert(schema),
    examples: Object.fromEntries(
      Object.entries(examples).map(([name, value]) => [camelCase(name), { summary: name, value }]),
    ),
  };
}

function headerObjects(headers: Record<string, Header>, required: boolean): object {
  return Object.fromEntries(
    Object.entries(headers).map(([name, { schema, description }]) => [
      name,
      { description, required, schema: converter.convert(schema) },
    ]),
  );
}

/** API Gateway's own responses do not have our headers, so a problem requires none. */
function sharedResponses(operations: Operation[]): object {
  const responses = operations.flatMap(problemResponsesOf).sort((a, b) => (a.name < b.name ? -1 : 1));
  return Object.fromEntries(
    responses.map(({ name, description, headers, content }) => [
      name,
      {
        description,
        ...(Object.keys(headers).length > 0 && { headers: headerObjects(headers, false) }),
        content,
      },
    ]),
  );
}

function camelCase(words: string): string {
  const pascal = pascalCase(words);
  return pascal.charAt(0).toLowerCase() + pascal.slice(1);
}
