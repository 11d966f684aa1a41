// deno-lint-ignore-file no-console -- the example prints its results
/**
 * A login that opens a private CloudFront distribution: the viewer gets signed cookies, and plain URLs work from then on.
 *
 * @module
 */
import { S3Storage } from "@storages/s3";
import { CloudFrontSigner } from "@storages/s3/cloudfront";
import { isCrossOrigin } from "@storages/s3/upload";

// Instead of the key pair whose public key is in CloudFront: new CloudFrontSigner({ keyId, privateKey: pem }).
const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
  "sign",
  "verify",
]);
const signer = new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey });

// URLs without a signature: the cookies give access.
const storage = new S3Storage({ bucketName: "media", customDomain: "cdn.example.com", cloudfrontSigner: null });

async function login(request: Request): Promise<Response> {
  // A page of another site could log its visitors in as another user.
  if (isCrossOrigin(request)) return new Response("Log in on our own page\n", { status: 403 });
  const form = await request.formData().catch(() => undefined); // the body may be malformed
  if (form?.get("password") !== "correct horse") return new Response("Wrong password\n", { status: 403 });
  // The site and the distribution share example.com, so that the browser sends the cookies to both.
  const { setCookie } = await signer.cookies("https://cdn.example.com/members/*", {
    expiresIn: 3600,
    domain: "example.com",
    sameSite: "Lax",
  });
  const headers = new Headers({ location: "/members", "cache-control": "no-store" });
  for (const cookie of setCookie) headers.append("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}

async function members(): Promise<Response> {
  const film = await storage.url("members/film.mp4"); // the same URL for all users, so caches keep it
  return new Response(`<video controls src="${film}"></video>`, { headers: { "content-type": "text/html" } });
}

function handle(request: Request): Response | Promise<Response> {
  const pathname = URL.parse(request.url)?.pathname; // undefined for a malformed Host header
  if (request.method === "POST" && pathname === "/login") return login(request);
  return pathname === "/members" ? members() : new Response("Not found\n", { status: 404 });
}

// On Deno: Deno.serve(handle). Here the handler is called without a server.
for (const password of ["guessed", "correct horse"]) {
  const body = new URLSearchParams({ password });
  const response = await handle(new Request("https://www.example.com/login", { method: "POST", body }));
  console.log(response.status, response.headers.getSetCookie().map((cookie) => cookie.split("=")[0]).join(", "));
}
console.log(await (await handle(new Request("https://www.example.com/members"))).text());
