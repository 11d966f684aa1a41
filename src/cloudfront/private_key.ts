import type { CloudFrontCryptoKey, CloudFrontJwk, CloudFrontPrivateKey } from "../aws/cloudfront_key.ts";
import { ConfigurationError } from "../errors.ts";
import { MAX_RSA_BITS, MIN_RSA_BITS, refuseKey } from "./key_checks.ts";
import { type Bytes, decodeBase64, encodeHex } from "../kit/bytes/bytes.ts";
import { OCTET_STRING, SEQUENCE, writeDer } from "./der.ts";

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

/** A checked private key, which is imported when it is first used. */
export interface SigningKey {
  readonly hash: CloudFrontHash;
  readonly isEcdsa: boolean;
  /** Imports the key once. Rejects if it is damaged, too short or too long. */
  load(): Promise<CloudFrontCryptoKey>;
}

const RSA = "RSASSA-PKCS1-v1_5";
const P256 = "P-256";

/** Object identifiers, whole elements in hexadecimal. */
const RSA_OID = "06092a864886f70d010101";
export const EC_OID = "06072a8648ce3d0201";
const P256_OID = "06082a8648ce3d030107";
const ENCRYPTED_OID = "06092a864886f70d01050d";

/**
 * The start of each format after the header of its outer SEQUENCE. DER has only one encoding of these parts, so they
 * need no parsing. WebCrypto checks the rest.
 */
const PKCS8_RSA = RegExp(`^020100300[bd]${RSA_OID}`);
const PKCS8_EC = RegExp(`^0201003013${EC_OID}${P256_OID}`);
const PKCS1 = /^02010002/;
const SEC1 = /^02010104/;
const PUBLIC = /^(30..06|028)/;

/**
 * Checks the format of a private key without importing it, so that the constructor refuses a wrong one.
 *
 * @throws {ConfigurationError} If it cannot sign for CloudFront. The message names its kind and shows no byte of it.
 */
export function readPrivateKey(key: CloudFrontPrivateKey, hash?: CloudFrontHash): SigningKey {
  if (!key) refuseKey("missing");
  if ((key as CloudFrontCryptoKey).usages) return fromCryptoKey(key as CloudFrontCryptoKey, hash);
  if ((key as CloudFrontJwk).kty) return fromJwk(key as CloudFrontJwk, hash);
  if (typeof key !== "string" && typeof key !== "object") refuseKey(`a ${typeof key}`);
  const der = keyBytes(key as string | Uint8Array | ArrayBuffer, "PRIVATE", refuseKey);
  const hex = encodeHex(der).replace(/^30(82.{4}|81..|..)/, "");
  if (PKCS8_RSA.test(hex)) return imported(false, hash, "pkcs8", der);
  if (PKCS8_EC.test(hex)) return imported(true, hash, "pkcs8", der);
  if (PKCS1.test(hex)) return imported(false, hash, "pkcs8", toPkcs8(`300d${RSA_OID}0500`, der));
  const isSec1 = SEC1.test(hex);
  if (isSec1 && hex.includes(P256_OID)) {
    return imported(true, hash, "pkcs8", toPkcs8(`3013${EC_OID}${P256_OID}`, der));
  }
  if (hex.includes(ENCRYPTED_OID)) refuseKey("encrypted (openssl pkey decrypts it)");
  if (PUBLIC.test(hex)) refuseKey("public");
  return refuseKey(isSec1 || hex.includes(EC_OID) ? "on another curve than P-256" : "neither RSA nor EC");
}

function fromCryptoKey(key: CloudFrontCryptoKey, given: CloudFrontHash | undefined): SigningKey {
  const { name, namedCurve, hash } = key.algorithm as EcKeyAlgorithm & RsaHashedKeyAlgorithm;
  const own = hash?.name as CloudFrontHash | undefined;
  const isEcdsa = name === "ECDSA" && namedCurve === P256;
  const isFit = (isEcdsa || name === RSA) && key.usages.includes("sign") && (own ?? given) === (given ?? own);
  if (!isFit) {
    refuseKey(`a CryptoKey: ${[key.type, name, namedCurve, own, ...key.usages].filter(Boolean)}, hash ${given}`);
  }
  return { hash: checkedHash(given ?? own), isEcdsa, load: () => checkedSize(key) };
}

function fromJwk(key: CloudFrontJwk, hash: CloudFrontHash | undefined): SigningKey {
  const { kty, crv, d, n, e, p, q, dp, dq, qi, x, y } = key;
  const isEcdsa = crv === P256;
  if (!d || kty !== (isEcdsa ? "EC" : "RSA")) refuseKey(`a JWK: ${kty} ${crv ?? ""} ${d ? "" : "public"}`);
  // Only the members of the key itself: those on algorithm and use could prevent the import.
  return imported(isEcdsa, hash, "jwk", { kty, crv, d, n, e, p, q, dp, dq, qi, x, y });
}

function imported(
  isEcdsa: boolean,
  givenHash: CloudFrontHash | undefined,
  format: "pkcs8" | "jwk",
  data: Bytes | Record<string, string | undefined>,
): SigningKey {
  const hash = checkedHash(givenHash);
  // Requests of a Worker may share it: it settles there within the turn that begins it, before a request can be cancelled.
  let loading: Promise<CloudFrontCryptoKey> | undefined;
  return {
    hash,
    isEcdsa,
    load: () =>
      loading ??= crypto.subtle.importKey(
        format as "pkcs8",
        data as Bytes,
        isEcdsa ? { name: "ECDSA", namedCurve: P256 } : { name: RSA, hash },
        false,
        ["sign"],
      ).then(checkedSize, () => refuseKey("damaged")),
  };
}

async function checkedSize(key: CloudFrontCryptoKey): Promise<CloudFrontCryptoKey> {
  const { modulusLength: bits } = key.algorithm as RsaHashedKeyAlgorithm;
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) refuseKey(`RSA of ${bits} bits`);
  return await key;
}

function checkedHash(hash: CloudFrontHash = "SHA-1"): CloudFrontHash {
  if (hash === "SHA-1" || hash === "SHA-256") return hash;
  throw new ConfigurationError(`The CloudFront hash must be SHA-1 or SHA-256, got ${hash}`);
}

/**
 * Returns the DER of a key, either as given or decoded from the block of this kind in a PEM file.
 *
 * @param refuse Throws the error for a key that is not right.
 */
export function keyBytes(
  key: string | Uint8Array | ArrayBuffer,
  kind: "PRIVATE" | "PUBLIC",
  refuse: (what: string) => never,
): Bytes {
  if (typeof key !== "string") {
    const bytes = new Uint8Array(key as ArrayBuffer);
    return bytes[0] === SEQUENCE ? bytes : keyBytes(new TextDecoder().decode(bytes), kind, refuse);
  }
  const blocks = pemBlocks(key.replace(/\\[nr]/g, "\n"));
  const { label, base64 } = blocks.find(({ label }) => label.endsWith(`${kind} KEY`)) ?? {};
  if (!label || !base64) return refuse(blocks[0] ? `a PEM ${blocks[0].label}` : "not PEM");
  // An old encrypted PEM file has a header, "DEK-Info:", before its base64.
  if (/^ENC/.test(label) || base64.includes(":")) refuse("encrypted (openssl pkey decrypts it)");
  if (/^OPENS/.test(label)) refuse("in OpenSSH's format (ssh-keygen -p -m PEM converts it)");
  try {
    return decodeBase64(base64);
  } catch {
    return refuse("damaged");
  }
}

/** Splits a PEM file into blocks, in linear time: a regular expression would search to the end for each block. */
function pemBlocks(text: string): { label: string; base64: string }[] {
  return text.split("-----BEGIN ").slice(1).flatMap((block) => {
    const [label = "", base64 = "", end] = block.split("-----", 3);
    return end?.startsWith("END") ? [{ label, base64 }] : [];
  });
}

/** Wraps a key in PKCS#8, the only DER that WebCrypto imports: version, algorithm, and the key. */
function toPkcs8(algorithm: string, der: Bytes): Bytes {
  const start = Uint8Array.from(`020100${algorithm}`.match(/../g)!, (byte) => parseInt(byte, 16));
  return writeDer(SEQUENCE, start, writeDer(OCTET_STRING, der));
}
