import { ConfigurationError } from "../../errors.ts";
import { builtin } from "../builtin.ts";
import { readTextFileSync } from "../files/text_files.ts";

interface NodeCrypto {
  X509Certificate: new (pem: string) => unknown;
}

/**
 * Reads the certificates of a CA bundle, each as PEM.
 *
 * @param verify The path of the bundle, or its text.
 * @throws {ConfigurationError} If the bundle cannot be read, has no certificate, or a damaged one.
 */
export function readCaBundle(verify: string): string[] {
  // Errors never show the text: it may contain a private key too.
  const isText = verify.includes("-----BEGIN");
  const source = isText ? "the given text" : `"${verify}"`;
  const text = isText ? verify : readTextFileSync(verify);
  if (text === undefined) {
    throw new ConfigurationError(
      `verify must be true, false, or a CA bundle as a path or as PEM text: cannot read ${source} ` +
        "(Deno needs --allow-read)",
    );
  }
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (certificates === null) {
    throw new ConfigurationError(
      `verify must be a CA bundle in PEM format: ${source} has no "-----BEGIN CERTIFICATE-----"`,
    );
  }
  const { X509Certificate } = builtin<NodeCrypto>("node:crypto")!;
  for (const [index, certificate] of certificates.entries()) {
    try {
      new X509Certificate(certificate);
    } catch (cause) {
      throw new ConfigurationError(`verify: certificate ${index + 1} of ${source} is damaged`, { cause });
    }
  }
  return certificates;
}
