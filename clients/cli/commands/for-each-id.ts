import { ApiProblem } from '../../http/client.ts';
import { printable } from '../../terminal/printable.ts';
import { type Context, EXIT, type ExitStatus } from '../command.ts';

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
