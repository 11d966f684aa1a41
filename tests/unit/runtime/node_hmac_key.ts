import { assert } from "@std/assert";
import type { MakeHmacKey } from "../../../src/kit/bytes/hmac_key.ts";
import type { findHmacKey } from "../../../src/runtime/hash/hmac_key.ts";

/**
 * What findHmacKey() returns where Deno's API is missing and `navigator` names another runtime; asked of another instance of
 * the module, which has no key yet.
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

/** The make that Node and Bun use, which hashes with node:crypto; Deno has that too, but does not take it. */
export async function nodeHmacKey(): Promise<MakeHmacKey> {
  const hmacKey = await findHmacKeyOn("Node.js/24");
  assert(hmacKey !== undefined, "Deno has node:crypto");
  return hmacKey;
}
