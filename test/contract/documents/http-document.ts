import type { ValidateFunction } from 'ajv/dist/2020.js';
import * as v from 'valibot';
import { closed, createValidator } from './strict-schema.ts';

const schema = v.record(v.string(), v.unknown());
const example = v.object({ value: v.unknown() });
const content = v.record(v.string(), v.object({ schema, examples: v.record(v.string(), example) }));

const responseSchema = v.object({
  headers: v.optional(v.record(v.string(), v.object({ required: v.boolean(), schema })), {}),
  content: v.optional(content, {}),
});

const operationSchema = v.object({
  operationId: v.string(),
  security: v.optional(v.array(v.unknown())),
  parameters: v.optional(
    v.array(v.object({ name: v.string(), in: v.string(), required: v.boolean(), schema })),
    [],
  ),
  requestBody: v.optional(v.object({ required: v.boolean(), content })),
  responses: v.record(v.string(), v.union([v.object({ $ref: v.string() }), responseSchema])),
});

const documentSchema = v.object({
  paths: v.record(v.string(), v.record(v.string(), operationSchema)),
  components: v.object({ schemas: schema, responses: v.record(v.string(), responseSchema) }),
});

type Content = { validate: ValidateFunction; schema: unknown; examples: Record<string, unknown> };
type Parameter = { name: string; in: string; required: boolean; type: unknown; validate: ValidateFunction };
type Response = {
  headers: { name: string; required: boolean; type: unknown; validate: ValidateFunction }[];
  content: Record<string, Content>;
};

export type DocumentedOperation = {
  operationId: string;
  method: string;
  path: string;
  /** Without IAM authorisation. */
  isOpen: boolean;
  parameters: Parameter[];
  body?: { required: boolean; content: Record<string, Content> };
  responses: Record<string, Response>;
};

const PREFIX = '#/components/schemas/';

/** An OpenAPI document with its schemas compiled, closed to what they do not describe. Throws for one that is not ours. */
export function readHttpDocument(json: unknown) {
  const document = v.parse(documentSchema, json);
  const ajv = createValidator();
  ajv.addSchema({ $id: 'components', $defs: locally(closed(document.components.schemas)) });
  const compile = (subschema: unknown) => ajv.compile(Object.assign({}, locally(closed(subschema))));

  const contentOf = (media: v.InferOutput<typeof content>): Record<string, Content> =>
    mapValues(media, ({ schema: subschema, examples }) => ({
      schema: subschema,
      validate: compile(subschema),
      examples: mapValues(examples, ({ value }) => value),
    }));
  const responseOf = (response: v.InferOutput<typeof operationSchema>['responses'][string]): Response => {
    const found = '$ref' in response ? document.components.responses[nameOf(response.$ref)] : response;
    if (!found) throw new Error(`there is no response ${JSON.stringify(response)}`);
    return {
      headers: Object.entries(found.headers).map(([name, { required, schema: subschema }]) => ({
        name,
        required,
        type: subschema.type,
        validate: compile(subschema),
      })),
      content: contentOf(found.content),
    };
  };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { operationId, security, parameters, requestBody, responses }]): DocumentedOperation => ({
        operationId,
        method: method.toUpperCase(),
        path,
        isOpen: security?.length === 0,
        parameters: parameters.map(({ schema: subschema, ...parameter }) => ({
          ...parameter,
          type: subschema.type,
          validate: compile(subschema),
        })),
        ...(requestBody && {
          body: { required: requestBody.required, content: contentOf(requestBody.content) },
        }),
        responses: mapValues(responses, responseOf),
      }),
    ),
  );
  return { operations, validateProblem: compile({ $ref: `${PREFIX}Problem` }) };
}

export type HttpDocument = ReturnType<typeof readHttpDocument>;

/** References into the document become references to what ajv knows as `components`. */
function locally(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(`"${PREFIX}`, '"components#/$defs/'));
}

function nameOf(reference: string): string {
  return reference.split('/').at(-1) ?? '';
}

function mapValues<From, To>(record: Record<string, From>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
