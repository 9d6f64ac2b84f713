import * as v from 'valibot';
import { parseRequest } from '../schema-helpers.ts';

const noQuerySchema = v.strictObject({}, 'is not a parameter of this route');

/** For a route without parameters. Throws the 422 Problem that names every parameter. */
export function refuseQuery(parameters: Record<string, string | undefined> | undefined): void {
  parseRequest(noQuerySchema, parameters ?? {});
}
