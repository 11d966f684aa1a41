import type { CloudFrontPrivateKey } from "../aws/cloudfront_key.ts";
import { checkKeyId, readPrivateKey } from "./private_key.ts";

/** Signs URLs for CloudFront. */
interface LazySigner {
  sign(url: string, options: { readonly expiresAt: Date }): Promise<string>;
}

/**
 * A CloudFrontSigner that is loaded with the first URL: few storages sign for CloudFront. The key is checked immediately.
 *
 * @throws {ConfigurationError} If the id or the key is malformed.
 */
export function lazySigner(keyId: string, privateKey: CloudFrontPrivateKey, now: () => Date): LazySigner {
  checkKeyId(keyId);
  readPrivateKey(privateKey);
  let signer: Promise<LazySigner> | undefined;
  const load = async (): Promise<LazySigner> => {
    const { CloudFrontSigner } = await import("./signer.ts");
    return new CloudFrontSigner({ keyId, privateKey, now });
  };
  return { sign: async (url, options) => await (await (signer ??= load())).sign(url, options) };
}
