import { given } from '../../http/api.ts';
import { printable } from '../../terminal/printable.ts';
import { flag } from '../../terminal/program.ts';
import { defineCommand, EXIT } from '../command.ts';
import { followOperation, progressOf, readOperation } from '../operation.ts';
import { tableLines } from '../output.ts';

export const operations = defineCommand({
  name: 'operations',
  group: 'Mend',
  summary: 'list what was done to many activations, follow one, or abort it',
  about: 'redrive, cancel and retry start an operation if they are given a filter.',
  operands: { name: 'OPERATION', help: 'its id; without one the newest 50 are listed', atMost: 1 },
  options: {
    follow: flag('until it has ended'),
    abort: flag('take nothing more in hand; what is done stays done'),
  },
  examples: [
    ['', 'what was done, and by whom'],
    ['o-0123456789abcdef0123456789abcdef --follow', 'its progress, then what it refused'],
    ['o-0123456789abcdef0123456789abcdef --abort', 'stop it'],
  ],
  async run(context, { operands: [operationId], values: { follow, abort } }) {
    const service = await context.connect();
    const { out } = context;
    if (operationId === undefined) {
      const list = given((await service.api.GET('/operations')).data);
      out.value(list);
      const rows = list.operations.map((operation) => ({
        cells: [operation.operationId, progressOf(operation), printable(operation.requestedBy)],
      }));
      if (rows.length === 0) out.print('There are none.');
      else out.print(...tableLines(out, ['operation', 'progress', 'by'], rows));
      return EXIT.ok;
    }
    const params = { path: { operationId } };
    if (abort) await service.api.DELETE('/operations/{operationId}', { params });
    if (abort || follow) return followOperation(context, service, operationId);
    const operation = await readOperation(service, operationId);
    out.value(operation);
    out.print(
      progressOf(operation),
      `  ${JSON.stringify(operation.filter)}, by ${printable(operation.requestedBy)}`,
    );
    for (const { activationId, why } of operation.refusals) out.print(`${activationId}  ${printable(why)}`);
    return EXIT.ok;
  },
});
