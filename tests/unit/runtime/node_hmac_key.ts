import { assert } from "@std/assert";
import type { MakeHmacKey } from "../../../src/kit/bytes/hmac_key.ts";
import type { findHmacKey } from "../../../src/runtime/hash/hmac_key.ts";

/**
 * Calls findHmacKey() without Deno's API and with another `navigator`, on a new instance of the module.
 */
export async function findHmacKeyOn(userAgent: string): Promise<MakeHmacKey | undefined> {
  const specifier = new URL(`../../../src/runtime/hash/hmac_key.ts?${userAgent}`, import.meta.url).href;
  const { findHmacKey: find }: { findHmacKey: typeof findHmacKey } = await import(specifier);
  const names = ["Deno", "navigator"] as const;
  const before = names.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)!] as const);
  try {
    Reflect.deleteProperty(globalThis, "Deno");
    Object.defineProperty(globalThis, "navigator", { value: { userAgent }, configurable: true, writable: true });
    return find();
  } finally {
    for (const [name, descriptor] of before) Object.defineProperty(globalThis, name, descriptor);
  }
}

/** The factory of keys that Node and Bun use, which hash with node:crypto. */
export async function nodeHmacKey(): Promise<MakeHmacKey> {
  const hmacKey = await findHmacKeyOn("Node.js/24");
  assert(hmacKey !== undefined, "Deno has node:crypto");
  return hmacKey;
}
