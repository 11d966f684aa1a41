import { ConfigurationError } from "../errors.ts";
import { asBytes, type Bytes, encodeHex } from "../kit/bytes.ts";
import { BIT_STRING, type DerElement, INTEGER, OCTET_STRING, readDer, SEQUENCE, writeDer } from "./der.ts";

/**
 * The hash that a policy is signed with.
 *
 * @example
 * ```ts
 * import type { CloudFrontHash } from "@storages/s3/cloudfront";
 * import { assertEquals } from "@std/assert";
 *
 * const hash: CloudFrontHash = "SHA-256";
 * assertEquals(hash, "SHA-256");
 * ```
 */
export type CloudFrontHash = "SHA-1" | "SHA-256";

/**
 * A private key in any of the forms it comes in: PEM (PKCS#1, PKCS#8 or SEC1; text or bytes; line breaks may be written
 * `\n`, as in environment variables), DER, JWK, or a CryptoKey.
 *
 * @example
 * ```ts
 * import { type CloudFrontPrivateKey, CloudFrontSigner } from "@storages/s3/cloudfront";
 * import { assertEquals } from "@std/assert";
 *
 * const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
 * const privateKey: CloudFrontPrivateKey = await crypto.subtle.exportKey("jwk", pair.privateKey);
 * assertEquals(new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey }).keyId, "K2JCJMDEHXQW5F");
 * ```
 */
export type CloudFrontPrivateKey = string | Uint8Array | ArrayBuffer | JsonWebKey | CryptoKey;

/** A private key that has been looked at, and is imported when it is first needed. */
export interface SigningKey {
  readonly hash: CloudFrontHash;
  readonly isEcdsa: boolean;
  /** The key itself; imported once. */
  load(): Promise<CryptoKey>;
}

const RSA = "RSASSA-PKCS1-v1_5";
const EC = "ECDSA";
const P256 = "P-256";

const RSA_OID = "2a864886f70d010101";
export const EC_OID = "2a8648ce3d0201";
const P256_OID = "2a8648ce3d030107";

/** AlgorithmIdentifiers, as PKCS#8 has them before the key: RSA with its NULL, EC with the curve. */
const RSA_IDENTIFIER = hexBytes(`300d0609${RSA_OID}0500`);
const EC_IDENTIFIER = hexBytes(`30130607${EC_OID}0608${P256_OID}`);

/**
 * CloudFront itself takes RSA keys of 2048 bits. Longer ones are for services that follow its protocol; shorter ones for
 * tests with keys of the past. Below 1024 a key can be factored by anyone.
 */
const RSA_BITS = [1024, 4096] as const;

/**
 * Looks at a private key without importing it, so that a wrong one is found out where it is configured.
 *
 * @throws {ConfigurationError} If it cannot sign for CloudFront. The message says what it is, never what it holds.
 */
export function readPrivateKey(key: CloudFrontPrivateKey, hash?: CloudFrontHash): SigningKey {
  if (hash !== undefined && hash !== "SHA-1" && hash !== "SHA-256") {
    throw new ConfigurationError(`CloudFront's hash must be "SHA-1" or "SHA-256": current value is ${quote(hash)}`);
  }
  if (typeof key === "object" && key !== null) {
    if ("usages" in key) return fromCryptoKey(key as CryptoKey, hash);
    if ("kty" in key) return fromJwk(key as JsonWebKey, hash ?? "SHA-1");
  }
  const { isEcdsa, pkcs8 } = toPkcs8(derOf(key as string | Uint8Array | ArrayBuffer));
  return imported(isEcdsa, hash ?? "SHA-1", "pkcs8", pkcs8);
}

function imported(isEcdsa: boolean, hash: CloudFrontHash, format: "pkcs8" | "jwk", data: unknown): SigningKey {
  const algorithm = isEcdsa ? { name: EC, namedCurve: P256 } : { name: RSA, hash };
  let loading: Promise<CryptoKey> | undefined;
  const load = (): Promise<CryptoKey> =>
    loading ??= crypto.subtle.importKey(format as "pkcs8", data as Bytes, algorithm, false, ["sign"]).catch((error) =>
      refuse(`damaged: WebCrypto does not import it (${error?.name})`)
    );
  return { hash, isEcdsa, load };
}

function fromCryptoKey(key: CryptoKey, given: CloudFrontHash | undefined): SigningKey {
  const { name, namedCurve, hash, modulusLength } = key.algorithm as EcKeyAlgorithm & RsaHashedKeyAlgorithm;
  if (key.type !== "private" || !key.usages.includes("sign")) {
    refuse(`a CryptoKey of type "${key.type}" with the usages [${key.usages}]`);
  }
  const isEcdsa = name === EC && namedCurve === P256;
  if (!isEcdsa && name !== RSA) refuse(`a CryptoKey for ${name} ${namedCurve ?? ""}`.trimEnd());
  if (!isEcdsa) checkBits(modulusLength);
  const own = hash?.name as CloudFrontHash | undefined;
  if (own !== undefined && (own !== (given ?? own) || !/^SHA-(1|256)$/.test(own))) {
    refuse(`a CryptoKey bound to ${own}, where hash is ${quote(given ?? "SHA-1")}`);
  }
  return { hash: given ?? own ?? "SHA-1", isEcdsa, load: () => Promise.resolve(key) };
}

function fromJwk(key: JsonWebKey, hash: CloudFrontHash): SigningKey {
  const { kty, crv, d, n, e, p, q, dp, dq, qi, x, y } = key;
  const isEcdsa = kty === "EC";
  if (d === undefined) refuse("a JWK without the private part, d");
  if (isEcdsa ? crv !== P256 : kty !== "RSA") refuse(`a JWK of type ${kty} ${crv ?? ""}`.trimEnd());
  if (!isEcdsa) checkBits(bitLength(base64Bytes((n ?? "").replaceAll("-", "+").replaceAll("_", "/"))));
  // Only the key itself: what the JWK says of algorithm and use must not stand in the way of importing it.
  return imported(isEcdsa, hash, "jwk", isEcdsa ? { kty, crv, d, x, y } : { kty, n, e, d, p, q, dp, dq, qi });
}

/** The DER in whatever was given; PEM, as text or as bytes, is taken out of its armour. */
function derOf(key: string | Uint8Array | ArrayBuffer): Bytes {
  if (typeof key === "string") return pemBytes(key, "PRIVATE KEY");
  const bytes = key instanceof ArrayBuffer ? new Uint8Array(key) : key;
  if (!(bytes instanceof Uint8Array)) return refuse(`of type ${bytes === null ? "null" : typeof bytes}`);
  return bytes[0] === SEQUENCE ? asBytes(bytes) : pemBytes(new TextDecoder().decode(bytes), "PRIVATE KEY");
}

/** The bytes of the first block of a PEM file whose label ends so. */
export function pemBytes(text: string, label: string): Bytes {
  const blocks = [...text.replace(/\\[nr]/g, "\n").matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^]*?)-----END \1-----/g)];
  const block = blocks.find((found) => found[1]!.endsWith(label));
  if (block === undefined) return refuse(blocks.length ? `a PEM file with a ${blocks[0]![1]}` : "no PEM file");
  if (`${block[1]}${block[2]}`.includes("ENCRYPTED")) refuse("encrypted (openssl pkey decrypts it)");
  if (block[1]!.startsWith("OPENSSH")) refuse("in OpenSSH's own format (ssh-keygen -p -m PEM converts it)");
  return base64Bytes(block[2]!.replace(/\s/g, ""));
}

/** The key as PKCS#8, the one form of DER that WebCrypto imports. */
function toPkcs8(der: Bytes): { isEcdsa: boolean; pkcs8: Bytes } {
  const key = elements(der)[0]!;
  const [first, second, third, ...more] = elements(key.content);
  const isNumbered = first?.tag === INTEGER;
  if (isNumbered && second?.tag === SEQUENCE && third?.tag === OCTET_STRING) { // PKCS#8: version, algorithm, key
    const [algorithm, curve] = elements(second.content).map(({ content }) => encodeHex(content));
    if (algorithm === RSA_OID) checkBits(bitLength(elements(elements(third.content)[0]!.content)[1]?.content));
    else if (algorithm !== EC_OID || curve !== P256_OID) refuse(kindOf(algorithm));
    return { isEcdsa: algorithm === EC_OID, pkcs8: key.whole };
  }
  if (isNumbered && second?.tag === INTEGER && more.length > 5) { // PKCS#1: version, modulus and seven more
    checkBits(bitLength(second.content));
    return { isEcdsa: false, pkcs8: wrap(RSA_IDENTIFIER, key) };
  }
  if (isNumbered && second?.tag === OCTET_STRING) { // SEC1: version, key, [0] curve, [1] public key
    const curve = third?.tag === 0xa0 ? encodeHex(elements(third.content)[0]!.content) : undefined;
    if (curve !== P256_OID) refuse(kindOf(EC_OID));
    return { isEcdsa: true, pkcs8: wrap(EC_IDENTIFIER, key) };
  }
  if (second?.tag === BIT_STRING || isNumbered) refuse("a public key");
  return refuse(second?.tag === OCTET_STRING ? "encrypted (openssl pkey decrypts it)" : "no private key");
}

function wrap(identifier: Bytes, key: DerElement): Bytes {
  return writeDer(SEQUENCE, writeDer(INTEGER, new Uint8Array(1)), identifier, writeDer(OCTET_STRING, key.whole));
}

/** The elements in DER, of which there is at least one. */
function elements(der: Bytes): DerElement[] {
  try {
    const found = readDer(der);
    if (found.length > 0) return found;
  } catch { /* said below */ }
  return refuse("damaged: its DER cannot be read");
}

function kindOf(algorithm: string | undefined): string {
  return algorithm === EC_OID ? "an EC key on another curve than P-256" : "neither an RSA nor an EC key";
}

function bitLength(modulus: Bytes = new Uint8Array()): number {
  const start = modulus.findIndex((byte) => byte > 0);
  return start < 0 ? 0 : (modulus.length - start) * 8 - Math.clz32(modulus[start]!) + 24;
}

function checkBits(bits: number): void {
  if (bits < RSA_BITS[0] || bits > RSA_BITS[1]) refuse(`an RSA key of ${bits} bits`);
}

export function base64Bytes(text: string): Bytes {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return refuse("damaged: its base64 cannot be read");
  }
}

function hexBytes(hex: string): Bytes {
  return Uint8Array.from(hex.match(/../g)!, (byte) => parseInt(byte, 16));
}

function quote(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

function refuse(what: string): never {
  throw new ConfigurationError(
    `CloudFront's key is ${what}: give an unencrypted RSA (${RSA_BITS.join(" to ")} bits) or ECDSA P-256 key ` +
      `as PEM, DER, JWK or CryptoKey`,
  );
}
