import { text as readAll } from 'node:stream/consumers';
import type { Activation, FlowLogActivator } from '../http/client.ts';
import { NothingFound, UsageError } from './failures.ts';

/** What an id is, by its form. */
export function kindOf(id: string): 'batch' | 'plan' | 'activation' | 'flow log' {
  if (/^b-[a-z0-9]{32}$/.test(id)) return 'batch';
  if (/^p-[a-f0-9]{32}$/.test(id)) return 'plan';
  return id.includes('.') ? 'activation' : 'flow log';
}

/** Returns the operands, with the words of standard input in the place of `-`. */
export async function withStandardInput(operands: string[]): Promise<string[]> {
  if (!operands.includes('-')) return operands;
  const words = (await readAll(process.stdin)).split(/\s+/).filter(Boolean);
  const ids = operands.flatMap((operand) => (operand === '-' ? words : operand));
  if (ids.length === 0) throw new UsageError('Standard input has no ids.');
  return ids;
}

/** Returns the activation of an id; of a flow log the latest one. */
export async function findActivation(
  { api, activations }: FlowLogActivator,
  id: string,
): Promise<Activation> {
  if (kindOf(id) === 'activation') {
    const { data } = await api.GET('/activations/{activationId}', { params: { path: { activationId: id } } });
    if (data !== undefined) return data;
  }
  for await (const activation of activations({ flowLogId: id, limit: 1 })) return activation;
  throw new NothingFound(`Nobody has asked for the flow log ${id}.`);
}
