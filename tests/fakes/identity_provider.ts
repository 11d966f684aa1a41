/** An OpenID Connect provider, as far as STS needs one: it signs tokens and serves the certificate to verify them. */
import { encodeHex } from "../../src/kit/bytes/bytes.ts";
import { serveFake } from "./serve.ts";

export interface IdentityProvider extends AsyncDisposable {
  /** The issuer URL in tokens. */
  readonly issuer: string;
  /** The SHA-1 of the certificate, with which the provider is registered. */
  readonly thumbprint: string;
  /** Returns a token for an audience that expires in so many seconds. */
  token(audience: string, expiresInSeconds?: number): Promise<string>;
}

const ALGORITHM = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;

/** Serves a provider with a new key and certificate. Needs openssl. */
export async function serveIdentityProvider(): Promise<IdentityProvider> {
  const { privateKey, certificate } = await makeCertificate();
  const key = await crypto.subtle.importKey("pkcs8", decodePem(privateKey), ALGORITHM, false, ["sign"]);
  const keys = [{ kid: "1", kty: "RSA", alg: "RS256", use: "sig", x5c: [pemBody(certificate)] }];
  const server = serveFake((_, path) =>
    Response.json(
      path.endsWith("/openid-configuration") ? { issuer, jwks_uri: `${issuer}/certificates` } : { keys },
    )
  );
  const issuer = `${server.origin}/realm`;
  return {
    issuer,
    thumbprint: encodeHex(new Uint8Array(await crypto.subtle.digest("SHA-1", decodePem(certificate)))),
    token: async (audience, expiresInSeconds = 600) => {
      const now = Math.floor(Date.now() / 1000);
      const claims = { iss: issuer, aud: audience, sub: "media-pod", iat: now - 900, exp: now + expiresInSeconds };
      const unsigned = [{ alg: "RS256", typ: "JWT", kid: "1" }, claims].map((part) => base64Url(JSON.stringify(part)))
        .join(".");
      const signature = await crypto.subtle.sign(ALGORITHM, key, new TextEncoder().encode(unsigned));
      return `${unsigned}.${base64Url(String.fromCharCode(...new Uint8Array(signature)))}`;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Returns a key and its certificate, in one output. */
async function makeCertificate(): Promise<{ privateKey: string; certificate: string }> {
  const { stdout, success } = await new Deno.Command("openssl", {
    args: "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=provider -keyout - -out -".split(" "),
    stderr: "null",
  }).output();
  if (!success) throw new Error("Cannot create a certificate with openssl");
  const text = new TextDecoder().decode(stdout);
  const block = (name: string): string =>
    new RegExp(`-----BEGIN ${name}-----[^-]+-----END ${name}-----`).exec(text)![0];
  return { privateKey: block("PRIVATE KEY"), certificate: block("CERTIFICATE") };
}

function pemBody(pem: string): string {
  return pem.replace(/-----[^-]+-----|\s/g, "");
}

function decodePem(pem: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(pemBody(pem)), (character) => character.charCodeAt(0));
}

function base64Url(bytes: string): string {
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
