import { assert } from "@std/assert";
import type { MakeHmacKey } from "../../../src/kit/bytes/hmac_key.ts";
import type { findHmacKey } from "../../../src/runtime/hash/hmac_key.ts";

/** What is found where `navigator` says so: by another instance of the module, which has not looked yet. */
export async function findHmacKeyOn(userAgent: string): Promise<MakeHmacKey | undefined> {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, "navigator")!;
  Object.defineProperty(globalThis, "navigator", { value: { userAgent }, configurable: true, writable: true });
  try {
    const specifier = new URL(`../../../src/runtime/hash/hmac_key.ts?${userAgent}`, import.meta.url).href;
    const { findHmacKey: find }: { findHmacKey: typeof findHmacKey } = await import(specifier);
    return find();
  } finally {
    Object.defineProperty(globalThis, "navigator", descriptor);
  }
}

/** The make that Node and Bun use, which hashes with node:crypto; Deno has that too, but does not take it. */
export async function nodeHmacKey(): Promise<MakeHmacKey> {
  const hmacKey = await findHmacKeyOn("Node.js/24");
  assert(hmacKey !== undefined, "Deno has node:crypto");
  return hmacKey;
}
