import type { Container } from '../support/virtual/container.ts';
import { SDK, type Wire } from '../support/virtual/outside.ts';
import type { VirtualTime } from '../support/virtual/virtual-time.ts';
import type { Accounts } from './loads/accounts.ts';

/** As in lib/aws/secret-reader.ts. */
const SECRET_KEPT_MS = 300_000;

type Around = { wire: Wire; accounts: Accounts; time: VirtualTime };

/**
 * A secret that each container keeps for as long as they do in truth, or until it is told to read it again. Readings
 * that find the same are left out.
 */
export function credentialsOf(container: Container, { wire, accounts, time }: Around) {
  const configured = accounts.configured();
  const known = new Map<string, { accessKeyId: string; readAt: number }>();
  const keptOf = (account: string) => {
    const kept = known.get(account);
    if (kept === undefined || time.now - kept.readAt <= SECRET_KEPT_MS) return kept?.accessKeyId;
    kept.readAt = time.now;
    return kept.accessKeyId === accounts.keyOf(account) ? kept.accessKeyId : undefined;
  };
  return async (account: string, options?: { refresh: boolean }) => {
    if (!configured.has(account)) throw new Error(`no credentials are configured for account ${account}`);
    const kept = options?.refresh ? undefined : keptOf(account);
    if (kept !== undefined) return credentialsFor(kept);
    const accessKeyId = await wire.exchange(container, {
      ...SDK,
      service: 'credentials',
      asked: account,
      apply: () => accounts.keyOf(account),
    });
    known.set(account, { accessKeyId, readAt: time.now });
    return credentialsFor(accessKeyId);
  };
}

function credentialsFor(accessKeyId: string) {
  return { accessKeyId, secretAccessKey: 'simulated-secret-key' };
}
