/** Runs with another value of a global. */
export function withGlobal<T>(name: "process" | "navigator", value: unknown, run: () => T): T {
  const before = Object.getOwnPropertyDescriptor(globalThis, name)!;
  Object.defineProperty(globalThis, name, { value, configurable: true });
  try {
    return run();
  } finally {
    Object.defineProperty(globalThis, name, before);
  }
}
