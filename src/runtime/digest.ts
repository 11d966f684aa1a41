import type { Bytes } from "../kit/bytes.ts";

interface NodeCrypto {
  hash?(algorithm: string, data: Uint8Array, encoding: "buffer"): Uint8Array;
}

interface ProcessLike {
  getBuiltinModule?(name: string): unknown;
}

let nodeCrypto: NodeCrypto | null | undefined;

/** The runtime's one-shot hash, the quickest there is: Deno, Bun and Node from 20.16 have it, edge runtimes do not. */
function oneShotHash(algorithm: "sha256" | "md5", data: Uint8Array): Bytes | undefined {
  if (nodeCrypto === undefined) {
    const { process } = globalThis as { process?: ProcessLike };
    nodeCrypto = (process?.getBuiltinModule?.("node:crypto") as NodeCrypto | undefined) ?? null;
  }
  const digest = nodeCrypto?.hash?.(algorithm, data, "buffer");
  return digest && new Uint8Array(digest);
}

/** SHA-256 of bytes, by the runtime. */
export async function sha256(data: Bytes): Promise<Bytes> {
  return oneShotHash("sha256", data) ?? new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

/**
 * MD5 of bytes, by the runtime where it can (workerd's WebCrypto knows MD5), else by `@std/crypto`, which is loaded
 * only then because its WebAssembly is many times larger than this module.
 */
export async function md5(data: Bytes): Promise<Bytes> {
  const digest = oneShotHash("md5", data);
  if (digest !== undefined) return digest;
  try {
    return new Uint8Array(await crypto.subtle.digest("MD5", data));
  } catch {
    const std = await import("@std/crypto");
    return new Uint8Array(await std.crypto.subtle.digest("MD5", data));
  }
}
