import { type Bytes, encodeBase64, encodeHex, encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { decodeUrlBase64, encodeUrlBase64 } from "../base64.ts";
import type { CloudFrontCryptoKey } from "../../aws/cloudfront_key.ts";
import { checkTime, invalidArgument, type NoneMissing } from "../../kit/values/argument.ts";
import { checkOptions } from "../../kit/values/options.ts";
import { isRecord } from "../../kit/values/record.ts";
import { createPolicy } from "../policy.ts";
import { EC_OID, keyBytes } from "../private_key.ts";
import { derSignature } from "../signature.ts";
import { SIGNING_PARAMETER } from "../viewer_url.ts";
import { matchesPieces, type Piece } from "../../kit/text/wildcards.ts";

/**
 * The public key, and the time and the viewer of the request to verify.
 *
 * @example
 * ```ts
 * import { CloudFrontSigner } from "@storages/s3/cloudfront";
 * import { type CloudFrontVerifyOptions, verifySignedUrl } from "@storages/s3/cloudfront/verify";
 * import { assertEquals } from "@std/assert";
 *
 * const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
 * const signer = new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey: pair.privateKey });
 * const url = await signer.sign("https://cdn.example.com/a.jpg", { expiresAt: new Date("2030-01-01T00:00:00Z") });
 * const options: CloudFrontVerifyOptions = { publicKey: pair.publicKey, at: new Date("2030-01-01T00:00:00Z") };
 * assertEquals(await verifySignedUrl(url, options), { valid: false, reason: "expired" });
 * ```
 */
export interface CloudFrontVerifyOptions {
  /** The public key: PEM ("PUBLIC KEY") or DER (SubjectPublicKeyInfo), or an extractable CryptoKey. */
  readonly publicKey: string | Uint8Array | CloudFrontCryptoKey;
  /**
   * The time of the request.
   * @default {new Date()}
   */
  readonly at?: Date | undefined;
  /** The viewer's IPv4 address, for policies that restrict it. */
  readonly ipAddress?: string | undefined;
}

const NAMES = ["publicKey", "at", "ipAddress"] as const satisfies readonly (keyof CloudFrontVerifyOptions)[];
type _Names = NoneMissing<Exclude<keyof CloudFrontVerifyOptions, typeof NAMES[number]>>;

/**
 * Whether CloudFront would allow the request, and the reason if not: `malformed` (a part is missing or cannot be read),
 * `signature` (it does not match this policy, URL and key), `resource` (the policy is for other URLs), `not-yet-valid`,
 * `expired`, `ip-address` (the policy is for other viewers).
 *
 * @example
 * ```ts
 * import type { CloudFrontVerdict } from "@storages/s3/cloudfront/verify";
 * import { assertEquals } from "@std/assert";
 *
 * const verdict: CloudFrontVerdict = { valid: false, reason: "expired" };
 * assertEquals(verdict.valid, false);
 * ```
 */
export type CloudFrontVerdict =
  | { readonly valid: true; /** The policy's text. */ readonly policy: string }
  | {
    readonly valid: false;
    readonly reason: "malformed" | "signature" | "resource" | "not-yet-valid" | "expired" | "ip-address";
  };

/**
 * Verifies a signed URL as CloudFront does, as far as that is documented. For tests of what you sign.
 *
 * @param url The signed URL.
 * @param options The public key, the time and the viewer.
 * @returns The verdict.
 * @throws {TypeError} If the public key cannot be read, or an argument is unknown or of the wrong type.
 * @throws {RangeError} If `at` is an invalid date.
 *
 * @example
 * ```ts
 * import { CloudFrontSigner } from "@storages/s3/cloudfront";
 * import { verifySignedUrl } from "@storages/s3/cloudfront/verify";
 * import { assertEquals } from "@std/assert";
 *
 * const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
 * const signer = new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey: pair.privateKey });
 * const url = await signer.sign("https://cdn.example.com/a.jpg", { expiresIn: 60 });
 * assertEquals((await verifySignedUrl(url, { publicKey: pair.publicKey })).valid, true);
 * const tampered = url.replace("a.jpg", "b.jpg");
 * assertEquals(await verifySignedUrl(tampered, { publicKey: pair.publicKey }), { valid: false, reason: "signature" });
 * ```
 */
export async function verifySignedUrl(
  url: string | URL,
  options: CloudFrontVerifyOptions,
): Promise<CloudFrontVerdict> {
  const [path, query] = split(String(url), "?");
  const fields: Record<string, string> = {};
  let isRepeated = false;
  const own = query?.split("&").filter((parameter) => {
    const [name, value] = split(parameter, "=");
    if (!SIGNING_PARAMETER.test(name)) return true;
    isRepeated ||= name in fields;
    fields[name] = value ?? "";
    return false;
  });
  const viewer = checkViewer(url, options);
  if (isRepeated) return { valid: false, reason: "malformed" };
  return await verdictOf(own?.length ? `${path}?${own.join("&")}` : path, fields, viewer);
}

/**
 * Verifies signed cookies as CloudFront does, as far as that is documented. For tests of what you sign.
 *
 * @param cookies The values of the cookies by name, or a `Cookie` header.
 * @param url The requested URL.
 * @param options The public key, the time and the viewer.
 * @returns The verdict.
 * @throws {TypeError} If the public key cannot be read, or an argument is unknown or of the wrong type.
 * @throws {RangeError} If `at` is an invalid date.
 *
 * @example
 * ```ts
 * import { CloudFrontSigner } from "@storages/s3/cloudfront";
 * import { verifySignedCookies } from "@storages/s3/cloudfront/verify";
 * import { assertEquals } from "@std/assert";
 *
 * const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
 * const signer = new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey: pair.privateKey });
 * const { values } = await signer.cookies("https://cdn.example.com/members/*", { expiresIn: 60 });
 * const { publicKey } = pair;
 * assertEquals((await verifySignedCookies(values, "https://cdn.example.com/members/a.jpg", { publicKey })).valid, true);
 * assertEquals(await verifySignedCookies(values, "https://cdn.example.com/b.jpg", { publicKey }), {
 *   valid: false,
 *   reason: "resource",
 * });
 * ```
 */
export async function verifySignedCookies(
  cookies: Readonly<Record<string, string>> | string,
  url: string | URL,
  options: CloudFrontVerifyOptions,
): Promise<CloudFrontVerdict> {
  const viewer = checkViewer(url, options);
  if (typeof cookies !== "string" && !isRecord(cookies)) {
    throw invalidArgument(viewer.action, "cookies", "an object of texts or a Cookie header", cookies);
  }
  const pairs = typeof cookies === "string"
    ? cookies.split(/; */).map((pair) => split(pair, "="))
    : Object.entries(cookies);
  const fields = Object.fromEntries(pairs.map(([name, value]) => [name.replace("CloudFront-", ""), value ?? ""]));
  return await verdictOf(String(url), fields, viewer);
}

/** The checked options, and what they are for, for messages. */
interface Viewer extends Pick<CloudFrontVerifyOptions, "publicKey" | "ipAddress"> {
  readonly action: string;
  readonly at: Date;
}

function checkViewer(url: string | URL, options: CloudFrontVerifyOptions): Viewer {
  const action = `verify '${url}'`;
  checkOptions(action, options, NAMES);
  const { publicKey, at = new Date(), ipAddress } = options;
  checkTime(action, "at", "a valid Date", at);
  if (ipAddress !== undefined && typeof ipAddress !== "string") {
    throw invalidArgument(action, "ipAddress", "text", ipAddress);
  }
  return { action, publicKey, at, ipAddress };
}

interface PolicyDocument {
  readonly Statement: readonly [{
    readonly Resource?: string;
    readonly Condition: {
      readonly DateLessThan: { readonly "AWS:EpochTime": number };
      readonly DateGreaterThan?: { readonly "AWS:EpochTime": number };
      readonly IpAddress?: { readonly "AWS:SourceIp": string };
    };
  }];
}

async function verdictOf(
  url: string,
  fields: Readonly<Record<string, string>>,
  viewer: Viewer,
): Promise<CloudFrontVerdict> {
  const { action, at, ipAddress } = viewer;
  const { Expires, Policy, Signature, "Key-Pair-Id": keyId, "Hash-Algorithm": hash = "SHA1" } = fields;
  const refused = (reason: (CloudFrontVerdict & { valid: false })["reason"]): CloudFrontVerdict => ({
    valid: false,
    reason,
  });
  let signature: Bytes, policy: string, document: PolicyDocument;
  try {
    if (!Signature || !keyId || !Policy === !Expires || !/^SHA(1|256)$/.test(hash)) return refused("malformed");
    if (Expires && !/^(0|[1-9]\d*)$/.test(Expires)) return refused("malformed");
    signature = exactBytes(Signature);
    policy = Policy
      ? new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(exactBytes(Policy))
      : createPolicy(action, url, { expiresAt: new Date(Number(Expires) * 1000) }).text;
    document = JSON.parse(policy);
  } catch {
    return refused("malformed");
  }
  if (!await isSigned(viewer, hash.replace("SHA", "SHA-"), signature, policy)) {
    return refused("signature");
  }
  const { Resource = "*", Condition } = document.Statement[0];
  if (!matchesPieces(piecesOf(Resource), url)) return refused("resource");
  const seconds = at.getTime() / 1000;
  if (seconds >= Condition.DateLessThan["AWS:EpochTime"]) return refused("expired");
  if (seconds <= (Condition.DateGreaterThan?.["AWS:EpochTime"] ?? -Infinity)) return refused("not-yet-valid");
  const range = Condition.IpAddress?.["AWS:SourceIp"];
  if (range !== undefined && (ipAddress === undefined || !isInRange(ipAddress, range))) return refused("ip-address");
  return { valid: true, policy };
}

/** @throws {SyntaxError} If the text is not the canonical base64 of its bytes, plain or CloudFront's. */
function exactBytes(text: string): Bytes {
  const bytes = decodeUrlBase64(text);
  if (text !== encodeUrlBase64(bytes) && text !== encodeBase64(bytes)) throw new SyntaxError("not canonical base64");
  return bytes;
}

/** @throws {TypeError} If it is not a public key. The message shows no byte of it. */
function refuseKey(action: string, what: string): never {
  throw new TypeError(
    `Cannot ${action}: publicKey must be a public key, RSA or ECDSA P-256, as PEM, DER or an extractable CryptoKey, ` +
      `got one that is ${what}`,
  );
}

async function spkiOf({ publicKey: key, action }: Viewer): Promise<Bytes> {
  if (typeof key === "string" || key instanceof Uint8Array) {
    return keyBytes(key, "PUBLIC", (what): never => refuseKey(action, what));
  }
  if (Object(key) !== key) return refuseKey(action, key === undefined ? "missing" : `a value of type ${typeof key}`);
  return await crypto.subtle.exportKey("spki", key as CryptoKey).then(
    (spki) => new Uint8Array(spki),
    () => refuseKey(action, `${key.type}, extractable: ${key.extractable}`),
  );
}

async function isSigned(viewer: Viewer, hash: string, signature: Bytes, text: string): Promise<boolean> {
  const spki = await spkiOf(viewer);
  const isEcdsa = encodeHex(spki).includes(EC_OID);
  const algorithm = isEcdsa ? { name: "ECDSA", namedCurve: "P-256", hash } : { name: "RSASSA-PKCS1-v1_5", hash };
  const key = await crypto.subtle.importKey("spki", spki, algorithm, false, ["verify"])
    .catch(() => refuseKey(viewer.action, "of another kind or damaged"));
  try {
    return await crypto.subtle.verify(algorithm, key, isEcdsa ? rawSignature(signature) : signature, encodeUtf8(text));
  } catch {
    return false; // the bytes are not a signature
  }
}

/**
 * Converts the two INTEGERs of an ECDSA signature to the concatenation that WebCrypto uses. Their headers have two
 * bytes.
 */
function rawSignature(der: Bytes): Bytes {
  const raw = new Uint8Array(64);
  const middle = 4 + der[3]!;
  const r = der.subarray(4, middle).subarray(-32);
  const s = der.subarray(middle + 2).subarray(-32);
  raw.set(r, 32 - r.length);
  raw.set(s, 64 - s.length);
  if (encodeHex(derSignature(raw)) !== encodeHex(der)) throw new RangeError("not canonical DER");
  return raw;
}

/** Converts a Resource to a pattern: `*` matches any characters, `?` matches one. */
function piecesOf(resource: string): Piece[] {
  return [...resource].map((one) => one === "*" ? one : (character) => one === "?" || one === character);
}

function isInRange(address: string, range: string): boolean {
  const [start, bits] = range.split("/");
  const number = (text: string): number => text.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** (32 - Number(bits ?? 32));
  return Math.floor(number(address) / size) === Math.floor(number(start!) / size);
}

/** Splits text at the first separator. The second part is missing if there is no separator. */
function split(text: string, separator: string): [before: string, after?: string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}
