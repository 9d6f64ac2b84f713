type ArgsOf<Method> = Method extends (...args: infer Args) => Promise<unknown> ? Args : never;

/** From now on runs `hook` before each call of the method. Returns the function that takes it away again. */
export function beforeCall<Port extends object, Name extends keyof Port>(
  port: Port,
  name: Name,
  hook: (...args: ArgsOf<Port[Name]>) => unknown,
): () => void {
  const original = port[name];
  if (typeof original !== 'function') throw new Error(`${String(name)} is no method`);
  const hooked = async (...args: ArgsOf<Port[Name]>): Promise<unknown> => {
    await hook(...args);
    return Reflect.apply(original, port, args);
  };
  Object.assign(port, { [name]: hooked });
  return () => Object.assign(port, { [name]: original });
}

/** As the SDK does when the response to a write is lost: it sends the write again, and the second result counts. */
export function sendTwice<Port extends object, Name extends keyof Port>(port: Port, name: Name): () => void {
  const original = port[name];
  if (typeof original !== 'function') throw new Error(`${String(name)} is no method`);
  return beforeCall(port, name, (...args) => Reflect.apply(original, port, args));
}
