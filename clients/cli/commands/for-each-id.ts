import { ApiProblem } from '../../http/client.ts';
import { printable } from '../../terminal/printable.ts';
import { type Context, EXIT, type ExitStatus } from '../command.ts';
import { UsageError } from '../failures.ts';
import { withStandardInput } from '../ids.ts';

/** Returns the ids. Throws UsageError unless there are either ids or a filter. */
export async function idsOrFilter(operands: string[], filter: object | undefined): Promise<string[]> {
  if (operands.length > 0 === (filter !== undefined)) {
    throw new UsageError('Give ids, or say which activations, such as --account or --all: one of the two.');
  }
  return withStandardInput(operands);
}

type Done = { value: unknown; line: string };

/** Does the same to each id. What the service refuses for one delays no other; the exit status is 1 then. */
export async function forEachId(
  { out, signal }: Context,
  ids: string[],
  act: (id: string) => Promise<Done>,
): Promise<ExitStatus> {
  const results: unknown[] = [];
  let refused = 0;
  for (const id of ids) {
    signal.throwIfAborted();
    try {
      const { value, line } = await act(id);
      results.push(value);
      out.print(line);
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status >= 500 || error.status === 403) throw error;
      refused += 1;
      results.push({ id, problem: error.problem });
      out.print(`${id}  ${out.paint('red', 'refused')}: ${printable(error.message)}`);
    }
  }
  out.value({ results, refused });
  return refused > 0 ? EXIT.failed : EXIT.ok;
}
