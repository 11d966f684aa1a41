import process from "node:process";

/** The garbage collector; `undefined` on runtimes that need no help: JavaScriptCore keeps its heap small. */
let collect: (() => void) | undefined;
let isSearched = false;

/**
 * Collects garbage now. V8 lets its heap grow to more than 100 MB before it does, also if 10 MB are in use. A collection
 * takes 20 to 50 ms: call this rarely, and only in programs of their own, as it sets the flag `--expose-gc` of V8.
 */
export function collectGarbage(): void {
  if (!isSearched) {
    isSearched = true;
    collect = findCollector();
  }
  collect?.();
}

function findCollector(): (() => void) | undefined {
  try {
    // Loaded on demand: most commands handle few files.
    process.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
    const found: unknown = process.getBuiltinModule("node:vm").runInNewContext("globalThis.gc");
    return typeof found === "function" ? () => found() : undefined;
  } catch {
    return undefined;
  }
}
