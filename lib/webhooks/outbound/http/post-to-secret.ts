import type { Post } from '../ports.ts';
import type { WebhookClient } from './webhook-client.ts';

/**
 * Posts to a URL that is itself a secret. It is read for each attempt, and the connections are made anew when it has
 * changed; then attempts at the earlier one are cut. Rejects when it cannot be read.
 */
export function createPostToSecret(
  readUrl: () => Promise<URL>,
  connect: (url: URL) => WebhookClient,
): (...parameters: Parameters<Post>) => ReturnType<Post> {
  let current: { href: string; client: WebhookClient } | undefined;
  return async (request, goesOn) => {
    const url = await readUrl();
    if (current?.href !== url.href) {
      void current?.client.close();
      current = { href: url.href, client: connect(url) };
    }
    return current.client.post(request, goesOn);
  };
}
