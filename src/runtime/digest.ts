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

/** MD5 of bytes, by the runtime; workerd's WebCrypto knows it. `undefined` where there is none, as on other edges. */
export async function md5(data: Bytes): Promise<Bytes | undefined> {
  const digest = oneShotHash("md5", data);
  if (digest !== undefined) return digest;
  try {
    return new Uint8Array(await crypto.subtle.digest("MD5", data));
  } catch {
    return undefined;
  }
}
