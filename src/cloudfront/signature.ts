import { type Bytes, encodeUtf8 } from "../kit/bytes/bytes.ts";
import { encodeUrlBase64 } from "./base64.ts";
import { SEQUENCE, writeDer, writeUnsigned } from "./der.ts";
import type { SigningKey } from "./private_key.ts";

/** Signs a policy's text. */
export async function signPolicy({ load, isEcdsa, hash }: SigningKey, text: string): Promise<string> {
  const key = await load();
  const signature = new Uint8Array(
    await crypto.subtle.sign({ name: key.algorithm.name, hash }, key, encodeUtf8(text)),
  );
  return encodeUrlBase64(isEcdsa ? derSignature(signature) : signature);
}

/** WebCrypto gives r and s side by side; CloudFront, as OpenSSL, wants them as two INTEGERs in DER. */
export function derSignature(raw: Bytes): Bytes {
  return writeDer(SEQUENCE, writeUnsigned(raw.subarray(0, 32)), writeUnsigned(raw.subarray(32)));
}
