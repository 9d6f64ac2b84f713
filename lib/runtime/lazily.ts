/**
 * Builds at the first call and keeps the result for the life of the container; a build that fails is tried
 * again by the next invocation instead of failing for ever.
 */
export function lazily<Value>(build: () => Value): () => Value {
  let built: { value: Value } | undefined;
  return () => {
    built ??= { value: build() };
    return built.value;
  };
}
