import { ConfigurationError } from "../errors.ts";
import { encodeUtf8 } from "../kit/bytes/bytes.ts";
import { encodeUrlBase64 } from "./base64.ts";
import { invalidArgument, type NoneMissing } from "../kit/values/argument.ts";
import { checkOptions } from "../kit/values/options.ts";
import type { CloudFrontCookieAttributes, SignedCookies } from "./cookies.ts";
import type { CloudFrontPolicyOptions, Policy } from "./policy.ts";
import type { CloudFrontPrivateKey } from "../aws/cloudfront_key.ts";
import { checkKeyId } from "./key_checks.ts";
import { type CloudFrontHash, readPrivateKey, type SigningKey } from "./private_key.ts";
import { signPolicy } from "./signature.ts";
import { viewerUrl } from "./viewer_url.ts";

/**
 * The settings of a {@linkcode CloudFrontSigner}.
 *
 * @example
 * ```ts
 * import { CloudFrontSigner, type CloudFrontSignerOptions } from "@storages/s3/cloudfront";
 * import { assertEquals } from "@std/assert";
 *
 * const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
 * const options: CloudFrontSignerOptions = { keyId: "K2JCJMDEHXQW5F", privateKey: pair.privateKey, hash: "SHA-256" };
 * assertEquals(new CloudFrontSigner(options).hash, "SHA-256");
 * ```
 */
export interface CloudFrontSignerOptions {
  /** The id of the public key in CloudFront, such as `"K2JCJMDEHXQW5F"`. */
  readonly keyId: string;
  /** The private key of that public key: RSA of 2048 bits (1024 to 4096 are accepted) or ECDSA on P-256. */
  readonly privateKey: CloudFrontPrivateKey;
  /**
   * The hash to sign with; `"SHA-256"` adds `Hash-Algorithm=SHA256` to every URL.
   * @default {"SHA-1"}
   */
  readonly hash?: CloudFrontHash | undefined;
  /** Returns the current time, from which `expiresIn` is counted. */
  readonly now?: (() => Date) | undefined;
}

const SIGNER_OPTIONS = ["keyId", "privateKey", "hash", "now"] as const satisfies readonly (
  keyof CloudFrontSignerOptions
)[];
type _SignerOptions = NoneMissing<Exclude<keyof CloudFrontSignerOptions, typeof SIGNER_OPTIONS[number]>>;

/**
 * The limits of a signed URL. With only an expiration, CloudFront's short canned policy is used. Other options require
 * a custom policy, which becomes part of the URL.
 *
 * @example
 * ```ts
 * import { CloudFrontSigner, type CloudFrontSignOptions } from "@storages/s3/cloudfront";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
 * const signer = new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey: pair.privateKey });
 * const options: CloudFrontSignOptions = { expiresIn: 60, resource: "https://cdn.example.com/v/*" };
 * assertStringIncludes(await signer.sign("https://cdn.example.com/v/1.ts", options), "?Policy=");
 * ```
 */
export interface CloudFrontSignOptions extends CloudFrontPolicyOptions {
  /** The resource of the policy, if it is more than the URL: `*` matches any characters, `?` matches one character. */
  readonly resource?: string | undefined;
  /** A complete policy to sign, such as one of {@linkcode cloudFrontPolicy}. It excludes all other options. */
  readonly policy?: string | undefined;
}

const SIGN_OPTIONS = ["resource", "policy"] as const satisfies readonly (keyof CloudFrontSignOptions)[];
type _SignOptions = NoneMissing<
  Exclude<keyof CloudFrontSignOptions, keyof CloudFrontPolicyOptions | typeof SIGN_OPTIONS[number]>
>;

/**
 * A policy for all URLs with a prefix, signed once: see {@linkcode CloudFrontSigner.reuse}.
 *
 * @example
 * ```ts
 * import { CloudFrontSigner, type ReusablePolicy } from "@storages/s3/cloudfront";
 * import { assertEquals } from "@std/assert";
 *
 * const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
 * const signer = new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey: pair.privateKey });
 * const album: ReusablePolicy = await signer.reuse("https://cdn.example.com/albums/7/", { expiresIn: 3600 });
 * assertEquals(album.resource, "https://cdn.example.com/albums/7/*");
 * ```
 */
export interface ReusablePolicy {
  /** The resource that it allows. */
  readonly resource: string;
  /** When it expires. */
  readonly expiresAt: Date;
  /**
   * Signs a URL with the prefix, synchronously.
   *
   * @param url The URL, which must begin with the prefix.
   * @returns The URL with the policy and its signature.
   * @throws {RangeError} If the URL does not begin with the prefix, or the policy has expired.
   * @throws {TypeError} If the URL cannot be signed.
   */
  sign(url: string | URL): string;
}

/**
 * Signs URLs and cookies for private content on CloudFront.
 *
 * The constructor checks the format of the key. The first use imports it once, as not extractable. Concurrent use is
 * safe.
 *
 * AWS: "Use signed URLs" and "Use signed cookies", in the CloudFront Developer Guide.
 *
 * @example
 * ```ts
 * import { CloudFrontSigner } from "@storages/s3/cloudfront";
 * import { assertMatch } from "@std/assert";
 *
 * const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
 * const signer = new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey: pair.privateKey });
 * const url = await signer.sign("https://cdn.example.com/a.jpg", { expiresAt: new Date("2030-01-01T00:00:00Z") });
 * assertMatch(url, /^https:\/\/cdn\.example\.com\/a\.jpg\?Expires=1893456000&Signature=.+&Key-Pair-Id=K2JCJMDEHXQW5F$/);
 * ```
 */
export class CloudFrontSigner {
  /** The id of the public key. */
  readonly keyId: string;
  /** The hash that policies are signed with. */
  readonly hash: CloudFrontHash;
  readonly #key: SigningKey;
  readonly #now: () => Date;

  /**
   * Checks the format of the key, which is imported when it is first used.
   *
   * @param options The key and its id.
   * @throws {ConfigurationError} If the id is malformed or the key cannot sign. The message shows no byte of the key.
   * @throws {TypeError} If an option is unknown.
   */
  constructor(options: CloudFrontSignerOptions) {
    checkOptions("make CloudFrontSigner", options, SIGNER_OPTIONS, [], "keypairid:keyId");
    const { keyId, privateKey, hash, now = () => new Date() } = options;
    this.keyId = checkKeyId(keyId);
    this.#key = readPrivateKey(privateKey, hash);
    if (typeof now !== "function") throw new ConfigurationError("The CloudFront now must be a function");
    this.#now = now;
    this.hash = this.#key.hash;
  }

  /**
   * Signs one URL.
   *
   * If the URL itself is the resource of the policy, a `*` in it is encoded as `%2A`. A bare `*` would be a wildcard,
   * and the link to one file would give access to others.
   *
   * @param url The absolute URL with its query. It is normalized like in browsers before it is signed.
   * @param options The expiration and other limits.
   * @returns The signed URL.
   * @throws {TypeError} If the URL cannot be signed, an option is unknown or of the wrong type, or options exclude each
   * other.
   * @throws {RangeError} If a date or a duration is out of range.
   *
   * @example
   * ```ts
   * import { CloudFrontSigner } from "@storages/s3/cloudfront";
   * import { assertStringIncludes } from "@std/assert";
   *
   * const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
   * const signer = new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey: pair.privateKey });
   * const url = await signer.sign("https://cdn.example.com/v.mp4?quality=high", {
   *   expiresIn: 600,
   *   ipAddress: "203.0.113.7",
   * });
   * assertStringIncludes(url, "https://cdn.example.com/v.mp4?quality=high&Policy=");
   * ```
   */
  async sign(url: string | URL, options: CloudFrontSignOptions): Promise<string> {
    const { createPolicy, POLICY_OPTIONS } = await import("./policy.ts"); // the main entry carries this class
    const action = `sign '${url}'`;
    checkOptions(action, options, POLICY_OPTIONS, SIGN_OPTIONS);
    const { resource, policy, ...limits } = options;
    const target = viewerUrl(url, action);
    if (policy !== undefined) {
      if (Object.values({ resource, ...limits }).some((value) => value !== undefined)) {
        throw new TypeError(`Cannot ${action}: policy excludes all other options`);
      }
      if (typeof policy !== "string") throw invalidArgument(action, "policy", "text", policy);
      return appendQuery(target, toQuery(await this.#sign({ text: policy })));
    }
    const file = resource === undefined ? target.replaceAll("*", "%2A") : target;
    const made = createPolicy(action, resource ?? file, limits, this.#now);
    return appendQuery(file, toQuery(await this.#sign(resource === undefined ? made : { text: made.text })));
  }

  /**
   * Makes signed cookies, for viewers of many files whose URLs should not change.
   *
   * @param resource The URL of one file, or a pattern: `*` matches any characters, `?` (in a pattern) matches one.
   * @param options The limits, and the attributes of the cookies.
   * @returns The cookies, as values and as complete headers.
   * @throws {TypeError} If the resource or an attribute is malformed, or an option is unknown or of the wrong type.
   * @throws {RangeError} If a date, a duration or `maxAge` is out of range.
   *
   * @example
   * ```ts
   * import { CloudFrontSigner } from "@storages/s3/cloudfront";
   * import { assertEquals } from "@std/assert";
   *
   * const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
   * const signer = new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey: pair.privateKey });
   * const { values, setCookie } = await signer.cookies("https://cdn.example.com/members/*", {
   *   expiresIn: 86_400,
   *   domain: "example.com",
   * });
   * assertEquals(Object.keys(values), ["CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"]);
   * assertEquals(setCookie[2], "CloudFront-Key-Pair-Id=K2JCJMDEHXQW5F; Domain=example.com; Path=/; Secure; HttpOnly");
   * ```
   */
  async cookies(
    resource: string,
    options: CloudFrontPolicyOptions & CloudFrontCookieAttributes,
  ): Promise<SignedCookies> {
    const { createPolicy, POLICY_OPTIONS } = await import("./policy.ts");
    const { COOKIE_ATTRIBUTES, cookieAttributes } = await import("./cookies.ts"); // most signers make none
    const action = `make cookies for '${resource}'`;
    checkOptions(action, options, POLICY_OPTIONS, COOKIE_ATTRIBUTES);
    const attributes = cookieAttributes(action, options);
    const isPattern = String(resource).includes("*");
    const policy = createPolicy(action, isPattern ? resource : viewerUrl(resource, action), options, this.#now);
    const fields = await this.#sign(isPattern ? { text: policy.text } : policy);
    const cookies = fields.map(([name, value]): [string, string] => [`CloudFront-${name}`, value]);
    return {
      values: Object.fromEntries(cookies),
      setCookie: cookies.map(([name, value]) => `${name}=${value}${attributes}`),
    };
  }

  /**
   * Signs one policy for all URLs with a prefix. After that, signing a URL is synchronous and only joins two texts.
   * Anyone with one of these URLs can fetch everything with the prefix.
   *
   * @param prefix The absolute URL with which all others begin. One that ends with a slash allows a folder.
   * @param options The expiration, the start and the viewers.
   * @returns An object that signs the URLs.
   * @throws {TypeError} If the prefix has a query or a wildcard, or is not a URL, or an option is unknown or of the wrong
   * type.
   * @throws {RangeError} If a date or a duration is out of range.
   *
   * @example
   * ```ts
   * import { CloudFrontSigner } from "@storages/s3/cloudfront";
   * import { assertEquals } from "@std/assert";
   *
   * const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
   * const signer = new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey: pair.privateKey });
   * const album = await signer.reuse("https://cdn.example.com/albums/7/", { expiresIn: 3600 });
   * const [cover, page] = ["cover.jpg", "1.jpg"].map((name) => album.sign(`https://cdn.example.com/albums/7/${name}`));
   * assertEquals(cover!.split("?")[1], page!.split("?")[1]);
   * ```
   */
  async reuse(prefix: string | URL, options: CloudFrontPolicyOptions): Promise<ReusablePolicy> {
    const { createPolicy, POLICY_OPTIONS } = await import("./policy.ts");
    const action = `sign prefix '${prefix}'`;
    checkOptions(action, options, POLICY_OPTIONS);
    const start = viewerUrl(prefix, action);
    if (/[*?]/.test(start)) {
      throw new TypeError(`Cannot ${action}: it must not have a query or a wildcard`);
    }
    const now = this.#now;
    const { text, epoch } = createPolicy(action, `${start}*`, options, now);
    const query = toQuery(await this.#sign({ text }));
    const expiresAt = new Date(epoch * 1000);
    return {
      resource: `${start}*`,
      expiresAt,
      sign: (url): string => {
        const target = viewerUrl(url);
        if (!target.startsWith(start)) throw new RangeError(`Cannot sign '${target}': it must begin with ${start}`);
        if (now() >= expiresAt) throw new RangeError(`Cannot sign '${target}': the policy has expired. Make another`);
        return appendQuery(target, query);
      },
    };
  }

  /** Signs a policy and returns the fields of URLs and cookies in CloudFront's order. Text alone is a custom policy. */
  async #sign({ text, epoch, isPlain }: { readonly text: string } & Partial<Policy>): Promise<[string, string][]> {
    const fields: [string, string][] = [
      isPlain ? ["Expires", String(epoch)] : ["Policy", encodeUrlBase64(encodeUtf8(text))],
      ["Signature", await signPolicy(this.#key, text)],
      ["Key-Pair-Id", this.keyId],
    ];
    if (this.hash === "SHA-256") fields.push(["Hash-Algorithm", "SHA256"]);
    return fields;
  }
}

function toQuery(fields: readonly [string, string][]): string {
  return fields.map((field) => field.join("=")).join("&");
}

function appendQuery(url: string, query: string): string {
  return url + (url.includes("?") ? "&" : "?") + query;
}
