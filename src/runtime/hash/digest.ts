import { type Bytes, encodeHex } from "../../kit/bytes/bytes.ts";
import { builtin } from "../builtin.ts";

export interface NodeCrypto {
  hash?(algorithm: string, data: Uint8Array, encoding: "buffer"): Uint8Array;
  hash?(algorithm: string, data: string | Uint8Array, encoding: "hex"): string;
  createHash?(algorithm: "md5"): { update(chunk: Uint8Array): void; digest(): Uint8Array };
}

let nodeCrypto: NodeCrypto | undefined;

/** Deno, Bun and Node from 20.16 have it, edge runtimes do not. */
export function findNodeCrypto(): NodeCrypto | undefined {
  return nodeCrypto ??= builtin<NodeCrypto>("node:crypto");
}

/** SHA-256 of bytes in hexadecimal, by the runtime; it has to be waited for only where there is but WebCrypto. */
export function sha256Hex(data: Bytes): string | Promise<string> {
  return findNodeCrypto()?.hash?.("sha256", data, "hex") ??
    crypto.subtle.digest("SHA-256", data).then((digest) => encodeHex(new Uint8Array(digest)));
}

/** MD5 of bytes, by the runtime; workerd's WebCrypto knows it. `undefined` where there is none, as on other edges. */
export async function md5(data: Bytes): Promise<Bytes | undefined> {
  const digest = findNodeCrypto()?.hash?.("md5", data, "buffer");
  if (digest !== undefined) return new Uint8Array(digest);
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
