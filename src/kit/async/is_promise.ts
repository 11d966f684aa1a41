/**
 * Whether a value is a promise. Not by instanceof: in Vercel's edge runtime the promises of streams, of `fetch` and of
 * WebCrypto have a class of their own.
 */
export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>> | undefined)?.then === "function";
}
