/**
 * What the `Set-Cookie` headers of signed cookies say beside their values.
 *
 * @example
 * ```ts
 * import { type CloudFrontCookieAttributes, CloudFrontSigner } from "@storages/s3/cloudfront";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
 * const signer = new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey: pair.privateKey });
 * const attributes: CloudFrontCookieAttributes = { domain: "example.com", sameSite: "Lax" };
 * const { setCookie } = await signer.cookies("https://cdn.example.com/*", { expiresInSeconds: 60, ...attributes });
 * assertStringIncludes(setCookie[0]!, "; Domain=example.com; Path=/; Secure; HttpOnly; SameSite=Lax");
 * ```
 */
export interface CloudFrontCookieAttributes {
  /** The domain it is sent to, with all below it: the one that your site and the distribution share. */
  readonly domain?: string | undefined;
  /**
   * The folder it is sent for.
   * @default {"/"}
   */
  readonly path?: string | undefined;
  /** How long browsers keep it; without it, until they are closed, which is what AWS recommends. */
  readonly maxAgeSeconds?: number | undefined;
  /**
   * Whether it travels over https only.
   * @default {true}
   */
  readonly secure?: boolean | undefined;
  /**
   * Whether scripts cannot read it.
   * @default {true}
   */
  readonly httpOnly?: boolean | undefined;
  /** Whether it is sent when another site asks. */
  readonly sameSite?: "Strict" | "Lax" | "None" | undefined;
}

/**
 * Cookies that let a viewer fetch what a policy allows.
 *
 * @example
 * ```ts
 * import { CloudFrontSigner, type SignedCookies } from "@storages/s3/cloudfront";
 * import { assertEquals } from "@std/assert";
 *
 * const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
 * const signer = new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey: pair.privateKey });
 * const cookies: SignedCookies = await signer.cookies("https://cdn.example.com/*", { expiresInSeconds: 60 });
 * const response = new Response("welcome");
 * for (const header of cookies.setCookie) response.headers.append("set-cookie", header);
 * assertEquals(response.headers.getSetCookie().length, 3);
 * ```
 */
export interface SignedCookies {
  /** The value of each cookie by its name. */
  readonly values: Readonly<Record<string, string>>;
  /** A value of the `Set-Cookie` header for each cookie. */
  readonly setCookie: readonly string[];
}

/** The part of a `Set-Cookie` header after the value, the same for each cookie. */
export function cookieAttributes(attributes: CloudFrontCookieAttributes): string {
  const { domain, path = "/", maxAgeSeconds, secure = true, httpOnly = true, sameSite } = attributes;
  // What is allowed is listed, so that nothing given here can end the attribute or the header and begin another.
  check("domain", domain, /^\.?[a-z\d-]+(\.[a-z\d-]+)*$/i, "a host name");
  check("path", path, /^\/[!-:<-~]*$/, "a path that begins with a slash");
  check("maxAgeSeconds", maxAgeSeconds, /^\d+$/, "a whole number of seconds");
  check(
    "sameSite",
    sameSite,
    secure ? /^(Strict|Lax|None)$/ : /^(Strict|Lax)$/,
    '"Strict", "Lax" or, if secure, "None"',
  );
  return (domain === undefined ? "" : `; Domain=${domain}`) +
    `; Path=${path}` +
    (maxAgeSeconds === undefined ? "" : `; Max-Age=${maxAgeSeconds}`) +
    (secure ? "; Secure" : "") +
    (httpOnly ? "; HttpOnly" : "") +
    (sameSite === undefined ? "" : `; SameSite=${sameSite}`);
}

function check(name: string, value: string | number | undefined, allowed: RegExp, right: string): void {
  if (value === undefined || allowed.test(String(value))) return;
  throw new TypeError(`Cannot make cookies, as ${name} must be ${right}: current value is ${JSON.stringify(value)}`);
}
