import { given } from '../../http/api.ts';
import { printable } from '../../terminal/printable.ts';
import { word } from '../../terminal/program.ts';
import { defineCommand, EXIT } from '../command.ts';

const operands = { name: 'ACCOUNT', help: 'the alias of a Volcengine account', atLeast: 1, atMost: 1 };

export const pause = defineCommand({
  name: 'pause',
  group: 'Operate',
  summary: 'stop all calls to Volcengine for an account; requests are still taken',
  about: 'No deadline ends a waiting activation meanwhile.',
  operands,
  options: { why: word('for people to read', 'text') },
  examples: [["default --why 'OPS-42: Volcengine changes our quota'", 'until it is resumed']],
  async run({ connect, out, typed }, { operands: [alias = ''], values: { why } }) {
    const { api } = await connect();
    const { data } = await api.PUT('/accounts/{alias}/pause', { params: { path: { alias } }, body: { why } });
    const { account, ...paused } = given(data);
    out.value({ account, ...paused });
    out.print(`${account} is paused, since ${paused.since}, by ${printable(paused.by ?? 'unknown')}.`);
    if (paused.why !== undefined) out.print(`  ${printable(paused.why)}`);
    out.print(`To go on: ${typed(`resume ${account}`)}`);
    return EXIT.ok;
  },
});

export const resume = defineCommand({
  name: 'resume',
  group: 'Operate',
  summary: 'let the calls of a paused account go on',
  operands,
  examples: [['default', 'what waits goes on within half a minute']],
  async run({ connect, out }, { operands: [alias = ''] }) {
    const { api } = await connect();
    const { data } = await api.DELETE('/accounts/{alias}/pause', { params: { path: { alias } } });
    const resumed = given(data);
    out.value(resumed);
    out.print(`${resumed.account} is not paused.`);
    return EXIT.ok;
  },
});
