import type { Client } from 'openapi-fetch';
import type { components, operations, paths } from '../../contracts/openapi.d.ts';

export type Api = Client<paths>;

type Schemas = components['schemas'];
export type Activation = Schemas['Activation'];
export type Batch = Schemas['Batch'];
export type FailureReason = Schemas['FailureReason'];
export type Requested = Schemas['RequestedActivations'];
export type ActivationFilter = NonNullable<operations['listActivations']['parameters']['query']>;

/** The type of openapi-fetch allows a response without data. Here, each of those was thrown. */
export function given<Data>(data: Data | undefined): Data {
  if (data === undefined) throw new TypeError('the service returned no body');
  return data;
}

/** All pages of a list, one activation after the other. */
export async function* listActivations(
  api: Api,
  filter: ActivationFilter = {},
): AsyncGenerator<Activation, void, undefined> {
  let { cursor } = filter;
  do {
    const { data } = await api.GET('/activations', { params: { query: { ...filter, cursor } } });
    const page = given(data);
    yield* page.activations;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

export function isFinal({ status }: Pick<Activation, 'status'>): boolean {
  return status === 'completed' || status === 'failed';
}

/** Returns the first of an iteration, at most so many. */
export async function take<Value>(
  values: AsyncIterable<Value>,
  most = Number.POSITIVE_INFINITY,
): Promise<Value[]> {
  const taken: Value[] = [];
  for await (const value of values) {
    taken.push(value);
    if (taken.length >= most) break;
  }
  return taken;
}
