import { type Bytes, concatBytes, encodeUtf8 } from "../../kit/bytes/bytes.ts";
import type { HmacKey, MakeHmacKey } from "../../kit/bytes/hmac_key.ts";
import { isCloudflare, isDeno } from "../detect.ts";
import { findNodeCrypto, type NodeCrypto } from "./digest.ts";

type OneShotHash = NonNullable<NodeCrypto["hash"]>;

/** SHA-256 processes blocks of this size, to which HMAC pads its key. */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;

const encoder = new TextEncoder();
let cached: MakeHmacKey | undefined;

/** Returns a factory of keys that use the runtime's own hash; `undefined` where plain JavaScript is as fast. */
export function findHmacKey(): MakeHmacKey | undefined {
  // There, calling node:crypto takes longer than hashing the few hundred bytes of a signature in JavaScript: a little
  // on Deno, five times as long on workerd.
  if (isDeno() || isCloudflare()) return undefined;
  const hash = findNodeCrypto()?.hash;
  if (hash === undefined) return undefined;
  return cached ??= (secret) => oneShotHmac(hash, typeof secret === "string" ? encodeUtf8(secret) : secret);
}

/**
 * Computes HMAC by its definition (RFC 2104) from two hashes: an object of `createHmac` takes twice as long in Node. The
 * hashes are requested in hexadecimal, since creating a buffer takes Node longer than hashing.
 */
function oneShotHmac(hash: OneShotHash, secret: Uint8Array): HmacKey {
  const short = secret.length > BLOCK_BYTES ? hash("sha256", secret, "buffer") : secret;
  const keyBlock = (pad: number): Bytes => new Uint8Array(BLOCK_BYTES).map((_, index) => pad ^ (short[index] ?? 0));
  const inner = keyBlock(0x36);
  const outer = concatBytes([keyBlock(0x5c), new Uint8Array(DIGEST_BYTES)]);
  const innerDigest = outer.subarray(BLOCK_BYTES);
  const code = (innerMessage: Uint8Array): string => {
    decodeHex(hash("sha256", innerMessage, "hex"), innerDigest);
    return hash("sha256", outer, "hex");
  };
  return {
    sign: (text) => decodeHex(code(concatBytes([inner, encodeUtf8(text)])), new Uint8Array(DIGEST_BYTES)),
    overDigests(head, ending): (start: string) => string {
      const message = concatBytes([inner, encodeUtf8(head), new Uint8Array(2 * DIGEST_BYTES)]);
      const digestHex = message.subarray(-2 * DIGEST_BYTES);
      return (start) => {
        encoder.encodeInto(hash("sha256", start + ending, "hex"), digestHex);
        return code(message);
      };
    },
  };
}

/** Decodes lower-case hexadecimal into `bytes`, and returns them. */
function decodeHex(hex: string, bytes: Bytes): Bytes {
  // The low four bits of a digit's code are its value; those of a letter's code are its value minus 9.
  const value = (code: number): number => (code & 15) + (code >> 6) * 9;
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = value(hex.charCodeAt(2 * i)) << 4 | value(hex.charCodeAt(2 * i + 1));
  }
  return bytes;
}
