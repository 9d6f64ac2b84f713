import * as v from 'valibot';
import { secretIdSchema } from '../../lib/config/secret-id.ts';

/** Up to 10 secrets, each as text or by its id. `problemOf` returns the rule that a text breaks. No message repeats it. */
export function secretListOf(problemOf: (secret: string) => string | undefined) {
  const secret = v.pipe(
    v.string(),
    v.rawCheck(({ dataset, addIssue }) => {
      const message = dataset.typed ? problemOf(dataset.value) : undefined;
      if (message !== undefined) addIssue({ message });
    }),
  );
  return v.pipe(
    v.array(
      v.union(
        [secret, v.strictObject({ secretId: secretIdSchema })],
        'must be text or {"secretId": "…"} and nothing else',
      ),
      'must be a list of secrets',
    ),
    v.minLength(1, 'must have at least one secret'),
    v.maxLength(10, 'must have at most 10 secrets'),
  );
}
