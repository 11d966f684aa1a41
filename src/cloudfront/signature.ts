import { type Bytes, concatBytes, encodeBase64, encodeUtf8 } from "../kit/bytes.ts";
import { SEQUENCE, writeDer, writeUnsigned } from "./der.ts";
import type { SigningKey } from "./private_key.ts";

/** Base64 as CloudFront has it in URLs and cookies: three characters are replaced, and not as in base64url. */
export function cloudFrontBase64(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll("+", "-").replaceAll("=", "_").replaceAll("/", "~");
}

/** Signs a policy's text. */
export async function signPolicy({ load, isEcdsa, hash }: SigningKey, text: string): Promise<string> {
  const algorithm = isEcdsa ? { name: "ECDSA", hash } : "RSASSA-PKCS1-v1_5";
  const signature = new Uint8Array(await crypto.subtle.sign(algorithm, await load(), encodeUtf8(text)));
  return cloudFrontBase64(isEcdsa ? derSignature(signature) : signature);
}

/** WebCrypto gives r and s side by side; CloudFront, as OpenSSL, wants them as two INTEGERs in DER. */
function derSignature(raw: Bytes): Bytes {
  const half = raw.length / 2;
  return writeDer(SEQUENCE, concatBytes([writeUnsigned(raw.subarray(0, half)), writeUnsigned(raw.subarray(half))]));
}
