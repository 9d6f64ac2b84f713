/** Why there are no credentials. The message is ours and quotes no secret: it is stored and logged. */
export class NoCredentials extends Error {
  override name = 'NoCredentials';
}
