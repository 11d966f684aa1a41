import type { Bytes } from "../kit/bytes.ts";
import type { SyncHash } from "../kit/sync_hash.ts";
import { builtin } from "./builtin.ts";

export interface NodeCrypto {
  hash?(algorithm: string, data: Uint8Array, encoding: "buffer"): Uint8Array;
  hash?(algorithm: string, data: string | Uint8Array, encoding: "hex"): string;
  createHash?(algorithm: "md5"): { update(chunk: Uint8Array): void; digest(): Uint8Array };
  createHmac(algorithm: string, key: string | Uint8Array): {
    update(text: string): { digest(): Uint8Array; digest(encoding: "hex"): string };
  };
}

let nodeCrypto: NodeCrypto | undefined;

/** Deno, Bun and Node from 20.16 have it, edge runtimes do not. */
export function findNodeCrypto(): NodeCrypto | undefined {
  return nodeCrypto ??= builtin<NodeCrypto>("node:crypto");
}

/** The runtime's one-shot hash, the quickest there is. */
function oneShotHash(algorithm: "sha256" | "md5", data: Uint8Array): Bytes | undefined {
  const digest = findNodeCrypto()?.hash?.(algorithm, data, "buffer");
  return digest && new Uint8Array(digest);
}

/** The runtime's hashes that need no waiting; `undefined` where it has only WebCrypto, which is asynchronous. */
export function findSyncHash(): SyncHash | undefined {
  const crypto = findNodeCrypto();
  if (crypto?.hash === undefined) return undefined;
  return {
    sha256Hex: (text) => crypto.hash!("sha256", text, "hex"),
    hmac: (key, text) => crypto.createHmac("sha256", key).update(text).digest(),
    hmacHex: (key, text) => crypto.createHmac("sha256", key).update(text).digest("hex"),
  };
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

/** An MD5 in the making. */
export interface Md5Stream {
  update(chunk: Uint8Array): void;
  digest(): Uint8Array | Promise<Uint8Array>;
}

/** MD5 of bytes that come in pieces, by the runtime; `undefined` on an edge. */
export function createMd5(): Md5Stream | undefined {
  return findNodeCrypto()?.createHash?.("md5");
}
