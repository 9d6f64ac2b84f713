import { readFile } from 'node:fs/promises';
import { parseConfiguration } from '../../lib/config/configuration-file.ts';
import type { ConfigurationEntries } from '../../lib/config/configuration-source.ts';
import type { FakeVolcengine } from '../volcengine/start-fake-volcengine.ts';

const LOOK_MS = 500;

/**
 * Gives the fake the roles of the configuration file, now and whenever it changes, so that the functions may assume
 * them. A file that cannot be read changes nothing: the functions say so. Returns what ends it.
 */
export async function followConfiguration(
  path: string,
  fake: Pick<FakeVolcengine, 'changeSettings'>,
  settingsOf: (stored: ConfigurationEntries) => Parameters<FakeVolcengine['changeSettings']>[0],
): Promise<() => void> {
  let last: string | undefined;
  const look = async () => {
    const text = await readFile(path, 'utf8');
    if (text === last) return;
    last = text;
    await fake.changeSettings(settingsOf(parseConfiguration(text)));
  };
  await look().catch(() => {});
  const timer = setInterval(() => void look().catch(() => {}), LOOK_MS);
  return () => clearInterval(timer);
}
