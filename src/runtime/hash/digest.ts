import { type Bytes, encodeHex } from "../../kit/bytes/bytes.ts";
import { builtin } from "../builtin.ts";

export interface NodeCrypto {
  hash?(algorithm: string, data: Uint8Array, encoding: "buffer"): Uint8Array;
  hash?(algorithm: string, data: string | Uint8Array, encoding: "hex"): string;
  createHash?(algorithm: "md5"): { update(chunk: Uint8Array): void; digest(): Uint8Array };
}

let nodeCrypto: NodeCrypto | undefined;

/** Returns `node:crypto`, which Deno, Bun and Node have. */
export function findNodeCrypto(): NodeCrypto | undefined {
  return nodeCrypto ??= builtin<NodeCrypto>("node:crypto");
}

/** Computes the SHA-256 of bytes in hexadecimal; asynchronous only where the runtime has WebCrypto alone. */
export function sha256Hex(data: Bytes): string | Promise<string> {
  return findNodeCrypto()?.hash?.("sha256", data, "hex") ??
    crypto.subtle.digest("SHA-256", data).then((digest) => encodeHex(new Uint8Array(digest)));
}

/** Computes the MD5 of bytes. The WebCrypto of workerd has it, that of other edge runtimes does not. */
export async function md5(data: Bytes): Promise<Bytes> {
  const hash = createMd5(); // the one-shot hash is missing on Node below 20.12
  hash?.update(data);
  if (hash !== undefined) return new Uint8Array(await hash.digest());
  try {
    return new Uint8Array(await crypto.subtle.digest("MD5", data));
  } catch {
    return (await import("../../kit/bytes/md5.ts")).md5(data); // loaded on demand: few runtimes need it
  }
}

/** An MD5 that is being computed. */
export interface Md5Stream {
  update(chunk: Uint8Array): void;
  digest(): Uint8Array | Promise<Uint8Array>;
}

/** Starts an MD5 of bytes that arrive in pieces; `undefined` on edge runtimes. */
export function createMd5(): Md5Stream | undefined {
  return findNodeCrypto()?.createHash?.("md5");
}
