import * as v from 'valibot';

/** An id in which `*` stands for any characters, such as `fl-*`. */
export const IdPatternSchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9*-]{1,64}$/));

export function matchesIdPattern(pattern: string, id: string): boolean {
  // The schema admits no character but the star that means something in a regular expression.
  return new RegExp(`^${pattern.replace(/\*+/g, '.*')}$`).test(id);
}
