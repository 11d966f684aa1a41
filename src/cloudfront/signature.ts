import { type Bytes, encodeUtf8 } from "../kit/bytes/bytes.ts";
import { encodeUrlBase64 } from "./base64.ts";
import { SEQUENCE, writeDer, writeUnsigned } from "./der.ts";
import type { SigningKey } from "./private_key.ts";

/** Signs the text of a policy. */
export async function signPolicy({ load, isEcdsa, hash }: SigningKey, text: string): Promise<string> {
  const key = await load() as CryptoKey;
  const signature = new Uint8Array(
    await crypto.subtle.sign({ name: key.algorithm.name, hash }, key, encodeUtf8(text)),
  );
  return encodeUrlBase64(isEcdsa ? derSignature(signature) : signature);
}

/** Converts r and s, which WebCrypto concatenates, to two INTEGERs in DER, as CloudFront and OpenSSL use them. */
export function derSignature(raw: Bytes): Bytes {
  return writeDer(SEQUENCE, writeUnsigned(raw.subarray(0, 32)), writeUnsigned(raw.subarray(32)));
}
