import { ConfigurationError } from "../errors.ts";

/**
 * The limits of RSA keys. CloudFront itself accepts 2048 bits. Longer keys are for services with its protocol, shorter
 * ones for tests with old keys. Keys below 1024 bits can be broken.
 */
export const MIN_RSA_BITS = 1024;
export const MAX_RSA_BITS = 4096;

/** @throws {ConfigurationError} If the id of a key is malformed. */
export function checkKeyId(keyId: unknown): string {
  if (typeof keyId === "string" && /^[\w.~-]+$/.test(keyId)) return keyId;
  // The message does not show the value, which may be the key, given in the wrong place.
  throw new ConfigurationError("The CloudFront keyId must be an id such as K2JCJMDEHXQW5F");
}

/**
 * Checks whether a text is the PEM file of a private key that is not encrypted. The key in it is read when it is first used.
 *
 * @throws {ConfigurationError} If it is something else.
 */
export function checkKeyText(key: unknown): void {
  if (typeof key !== "string" || /-----BEGIN (RSA |EC )?PRIVATE KEY-----(?!\s*Proc-Type)/.test(key)) return;
  const label = /-----BEGIN ([A-Z ]{1,30})-----/.exec(key)?.[1];
  refuseKey(label === undefined ? "not PEM" : `a PEM ${label}`);
}

/** @throws {ConfigurationError} Always. */
export function refuseKey(what: string): never {
  throw new ConfigurationError(
    `The CloudFront key is ${what}: it must be an unencrypted private key, RSA (${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits) or ` +
      `ECDSA P-256, as PEM, DER, JWK or CryptoKey`,
  );
}
