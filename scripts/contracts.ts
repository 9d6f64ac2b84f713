import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { stringify } from 'yaml';
import { replaceFile } from './build.ts';
import { readCommandLine } from './command-line.ts';
import { asyncApiDocument } from './contracts/asyncapi-document.ts';
import { eventJsonSchemas } from './contracts/event-contracts.ts';
import { openApiDocument } from './contracts/openapi-document.ts';
import { PROJECT_DIR } from './osls.ts';

const NOTICE = ' Made by `npm run contracts` of the schemas in the code. Do not edit.';

/** The files of contracts/ with their text, all made of the schemas in the code. The same code gives the same bytes. */
export async function contractFiles(): Promise<Map<string, string>> {
  const version = await readVersion();
  const openApi = openApiDocument(version);
  return new Map([
    ['openapi.yaml', toYaml(openApi)],
    ['openapi.json', toJson(openApi)],
    ['asyncapi.yaml', toYaml(asyncApiDocument(version))],
    ...Object.entries(eventJsonSchemas()).map(([type, schema]) => namedSchema(type, schema)),
  ]);
}

function namedSchema(type: string, schema: object): [string, string] {
  return [`schemas/${type}.json`, toJson(schema)];
}

function toJson(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

function toYaml(document: object): string {
  // Without what JSON leaves out, and with nothing shared.
  const plain: unknown = JSON.parse(JSON.stringify(document));
  return `#${NOTICE}\n${stringify(plain, { lineWidth: 110, blockQuote: 'literal' })}`;
}

async function readVersion(): Promise<string> {
  const text = await readFile(join(PROJECT_DIR, 'package.json'), 'utf8');
  return v.parse(v.object({ version: v.string() }), JSON.parse(text)).version;
}

if (import.meta.main) {
  readCommandLine({
    command: 'npm run contracts',
    about:
      'Writes contracts/ anew: OpenAPI, AsyncAPI and the JSON Schemas, all made of the schemas in the code.',
    examples: [''],
  });
  for (const [name, text] of await contractFiles()) {
    await replaceFile(join(PROJECT_DIR, 'contracts', name), Buffer.from(text));
  }
}
