import { once } from 'node:events';
import { join } from 'node:path';
import { startConsole } from '../../console/server/console-server.ts';
import { createSend } from '../../http/send.ts';
import { signerFor } from '../../http/signer-for.ts';
import { integer } from '../../terminal/program.ts';
import { defineCommand, EXIT } from '../command.ts';

const RETRIES = 2;

export const openConsole = defineCommand({
  name: 'console',
  group: 'Look',
  summary: 'serve the page of the service on this machine, until Ctrl-C',
  about: `Prints an address for your browser. Each request of the page is signed with your AWS credentials; the address has
a token, so that nobody else on this machine can use them. The local world serves the page itself.`,
  options: { port: integer({ help: 'on 127.0.0.1; 0 takes a free one', from: 0, to: 65_535, fallback: 0 }) },
  examples: [
    ['', 'the local world'],
    ['--stage prod', 'the stack of a stage'],
  ],
  async run({ address, out, packageDir, signal }, { values: { port } }) {
    const { url, region, profile, isLocal, foundBy } = await address();
    if (isLocal) {
      out.value({ address: `${url}/` });
      out.print(`The local world serves the page: ${out.paint('cyan', `${url}/`)}`);
      return EXIT.ok;
    }
    const sign = signerFor({ url, region, profile });
    const server = await startConsole({
      page: {
        directory: join(packageDir, 'console'),
        about: { service: new URL(url).hostname, ...(region && { queriesUrl: queriesUrlOf(region) }) },
      },
      url: url.replace(/\/+$/, ''),
      send: createSend({ ...(sign && { sign }), retries: RETRIES, fetch }),
      port,
    });
    out.value({ address: server.address });
    out.print(
      `The page of ${url} (${foundBy}), as you:`,
      `  ${out.paint('cyan', server.address)}`,
      out.paint('gray', 'Ctrl-C ends it.'),
    );
    if (!signal.aborted) await once(signal, 'abort');
    await server.close();
    return EXIT.ok;
  },
});

/** The saved queries are a part of the stack. */
function queriesUrlOf(region: string): string {
  const domain = region.startsWith('cn-') ? 'console.amazonaws.cn' : 'console.aws.amazon.com';
  return `https://${region}.${domain}/cloudwatch/home?region=${region}#logsV2:logs-insights`;
}
