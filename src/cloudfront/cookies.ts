import { invalidArgument, invalidNumber, type NoneMissing } from "../kit/values/argument.ts";
import { isInteger } from "../kit/values/integer.ts";

/**
 * The attributes in the `Set-Cookie` headers of signed cookies.
 *
 * @example
 * ```ts
 * import { type CloudFrontCookieAttributes, CloudFrontSigner } from "@storages/s3/cloudfront";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
 * const signer = new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey: pair.privateKey });
 * const attributes: CloudFrontCookieAttributes = { domain: "example.com", sameSite: "Lax" };
 * const { setCookie } = await signer.cookies("https://cdn.example.com/*", { expiresIn: 60, ...attributes });
 * assertStringIncludes(setCookie[0]!, "; Domain=example.com; Path=/; Secure; HttpOnly; SameSite=Lax");
 * ```
 */
export interface CloudFrontCookieAttributes {
  /**
   * The domain to which browsers send the cookies, including subdomains: the one that your site and the distribution
   * share.
   */
  readonly domain?: string | undefined;
  /**
   * The path prefix of requests that browsers send the cookies with.
   * @default {"/"}
   */
  readonly path?: string | undefined;
  /** How long browsers keep the cookies, in seconds. Without it, until they are closed, as AWS recommends. */
  readonly maxAge?: number | undefined;
  /**
   * Whether browsers send the cookies over https only.
   * @default {true}
   */
  readonly secure?: boolean | undefined;
  /**
   * Whether the cookies are hidden from scripts.
   * @default {true}
   */
  readonly httpOnly?: boolean | undefined;
  /** Whether browsers send the cookies with requests from other sites. */
  readonly sameSite?: "Strict" | "Lax" | "None" | undefined;
}

const NAMES = ["domain", "path", "maxAge", "secure", "httpOnly", "sameSite"] as const satisfies readonly (
  keyof CloudFrontCookieAttributes
)[];
type _Names = NoneMissing<Exclude<keyof CloudFrontCookieAttributes, typeof NAMES[number]>>;

/** The names of the attributes, for calls that take more. */
export const COOKIE_ATTRIBUTES: readonly string[] = NAMES;

/**
 * Cookies with which a viewer can fetch what a policy allows.
 *
 * @example
 * ```ts
 * import { CloudFrontSigner, type SignedCookies } from "@storages/s3/cloudfront";
 * import { assertEquals } from "@std/assert";
 *
 * const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
 * const signer = new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey: pair.privateKey });
 * const cookies: SignedCookies = await signer.cookies("https://cdn.example.com/*", { expiresIn: 60 });
 * const response = new Response("welcome");
 * for (const header of cookies.setCookie) response.headers.append("set-cookie", header);
 * assertEquals(response.headers.getSetCookie().length, 3);
 * ```
 */
export interface SignedCookies {
  /** The values of the cookies by name. */
  readonly values: Readonly<Record<string, string>>;
  /** The value of a `Set-Cookie` header for each cookie. */
  readonly setCookie: readonly string[];
}

/**
 * Returns the part of a `Set-Cookie` header after the value, which all cookies share.
 *
 * @param action What the cookies are for, for messages.
 */
export function cookieAttributes(action: string, attributes: CloudFrontCookieAttributes): string {
  const { domain, path = "/", maxAge, secure = true, httpOnly = true, sameSite } = attributes;
  // These patterns list what is allowed, so that a value cannot end its attribute or the header and begin another.
  const check = (name: string, value: unknown, allowed: RegExp, right: string): void => {
    if (value !== undefined && !(typeof value === "string" && allowed.test(value))) {
      throw invalidArgument(action, name, right, value);
    }
  };
  check("domain", domain, /^\.?[a-z\d-]+(\.[a-z\d-]+)*$/i, "a host name");
  check("path", path, /^\/[!-:<-~]*$/, "a path that begins with a slash");
  check(
    "sameSite",
    sameSite,
    secure ? /^(Strict|Lax|None)$/ : /^(Strict|Lax)$/,
    '"Strict", "Lax" or, if secure, "None"',
  );
  if (maxAge !== undefined && !isInteger(maxAge)) {
    throw invalidNumber(action, "maxAge", "an integer of 0 or more", maxAge);
  }
  for (const [name, value] of Object.entries({ secure, httpOnly })) {
    if (typeof value !== "boolean") throw invalidArgument(action, name, "true or false", value);
  }
  return (domain === undefined ? "" : `; Domain=${domain}`) +
    `; Path=${path}` +
    (maxAge === undefined ? "" : `; Max-Age=${maxAge}`) +
    (secure ? "; Secure" : "") +
    (httpOnly ? "; HttpOnly" : "") +
    (sameSite === undefined ? "" : `; SameSite=${sameSite}`);
}
