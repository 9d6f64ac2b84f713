/**
 * Builds the value at the first call and keeps it for the life of the container. If the build fails, the next call
 * tries it again.
 */
export function lazily<Value>(build: () => Value): () => Value {
  let built: { value: Value } | undefined;
  return () => {
    built ??= { value: build() };
    return built.value;
  };
}
