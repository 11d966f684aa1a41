import { assertEquals, assertStringIncludes } from "@std/assert";
import type { S3Server } from "../../../../src/testing/mod.ts";
import { element, NOW, outcome, testServer } from "../authentication/signed_requests.ts";

const encoder = new TextEncoder();

async function hmac(hash: string, key: Uint8Array<ArrayBuffer>, text: string): Promise<Uint8Array<ArrayBuffer>> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, encoder.encode(text)));
}

function base64(text: string | Uint8Array): string {
  const bytes = typeof text === "string" ? encoder.encode(text) : text;
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

const V4 = {
  "x-amz-algorithm": "AWS4-HMAC-SHA256",
  "x-amz-credential": "testkey/20260131/us-east-1/s3/aws4_request",
  "x-amz-date": "20260131T120000Z",
};

async function signedV4(
  fields: Record<string, string>,
  conditions: unknown[],
  expiresInSeconds = 60,
): Promise<Record<string, string>> {
  const policy = base64(JSON.stringify({
    expiration: new Date(NOW.getTime() + expiresInSeconds * 1000).toISOString(),
    conditions: [{ bucket: "media" }, ...Object.entries(V4).map(([name, value]) => ({ [name]: value })), ...conditions],
  }));
  let key = encoder.encode("AWS4testsecret") as Uint8Array<ArrayBuffer>;
  for (const step of ["20260131", "us-east-1", "s3", "aws4_request"]) key = await hmac("SHA-256", key, step);
  const signature = Array.from(await hmac("SHA-256", key, policy), (byte) => byte.toString(16).padStart(2, "0"));
  return { ...fields, ...V4, policy, "x-amz-signature": signature.join("") };
}

async function post(
  server: S3Server,
  fields: Record<string, string>,
  file: File | undefined = new File(["hello"], "C:\\fakepath\\hello.txt", { type: "text/plain" }),
): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file !== undefined) form.append("file", file);
  return await server.fetch(new Request("http://localhost/media", { method: "POST", body: form }));
}

Deno.test("a signed form stores its file with the fields as headers", async () => {
  const server = testServer();
  const fields = await signedV4(
    { key: "up/${filename}", acl: "public-read", "Content-Type": "text/html", "x-amz-meta-author": "ü" },
    [["starts-with", "$key", "up/"], { acl: "public-read" }, ["starts-with", "$Content-Type", "text/"], [
      "eq",
      "$x-amz-meta-author",
      "ü",
    ]],
  );
  const response = await post(server, fields);
  assertEquals([response.status, await response.text()], [204, ""]);
  assertEquals(response.headers.get("location"), "http://localhost/media/up/hello.txt");
  const [object] = server.objects("media");
  assertEquals([object?.key, object?.acl, object?.contentType], ["up/hello.txt", "public-read", "text/html"]);
  assertEquals(new TextDecoder().decode(object?.bytes), "hello");
  assertEquals(server.requests[0]?.operation, "PostObject");
});

Deno.test("success_action_redirect and success_action_status determine the response", async () => {
  const ask = async (extra: Record<string, string>): Promise<Response> => {
    const conditions = [{ key: "a.txt" }, ...Object.entries(extra).map(([name, value]) => ({ [name]: value }))];
    return await post(testServer(), await signedV4({ key: "a.txt", ...extra }, conditions));
  };
  assertEquals((await ask({ success_action_status: "200" })).status, 200);
  const created = await ask({ success_action_status: "201" });
  assertEquals([created.status, element(await created.text(), "Key")], [201, "a.txt"]);
  assertEquals((await ask({ success_action_status: "404" })).status, 204);
  const redirected = await ask({ success_action_redirect: "https://example.com/done?x=1" });
  assertEquals(redirected.status, 303);
  assertStringIncludes(
    redirected.headers.get("location") ?? "",
    "https://example.com/done?x=1&bucket=media&key=a.txt&etag=%225d41402a",
  );
});

Deno.test("a form that violates a condition of its policy is refused", async () => {
  const server = testServer();
  const ask = async (
    fields: Record<string, string>,
    conditions: unknown[],
    change: (form: Record<string, string>) => void = () => {},
    expiresInSeconds = 60,
  ): Promise<[number, string | undefined]> => {
    const form = await signedV4(fields, conditions, expiresInSeconds);
    change(form);
    return await outcome(post(server, form));
  };
  const key = { key: "a.txt" };
  assertEquals(await ask(key, [{ key: "b.txt" }]), [403, "AccessDenied"]);
  assertEquals(await ask(key, [["starts-with", "$key", "up/"]]), [403, "AccessDenied"]);
  assertEquals(await ask({ ...key, acl: "public-read" }, [key]), [403, "AccessDenied"]);
  assertEquals(await ask(key, [key], undefined, -1), [403, "AccessDenied"]);
  assertEquals(await ask(key, [key, ["content-length-range", 6, 9]]), [400, "EntityTooSmall"]);
  assertEquals(await ask(key, [key, ["content-length-range", 1, 4]]), [400, "EntityTooLarge"]);
  assertEquals(await ask(key, [key, ["unlike", "$key", "x"]]), [400, "InvalidPolicyDocument"]);
  assertEquals(await ask({}, [key]), [400, "InvalidArgument"]);
  const forged = (form: Record<string, string>): void => {
    form["x-amz-signature"] = form["x-amz-signature"]!.replace(/^./, (first) => (first === "0" ? "1" : "0"));
  };
  assertEquals(await ask(key, [key], forged), [403, "SignatureDoesNotMatch"]);
  assertEquals(await outcome(post(server, key)), [403, "AccessDenied"]);
  assertEquals(server.objects("media"), []);
  assertEquals(await ask({ ...key, "x-ignore-me": "1" }, [key, ["content-length-range", 1, 5]]), [204, undefined]);
});

Deno.test("a form may be signed with SigV2", async () => {
  const ask = async (secret: string): Promise<[number, string | undefined]> => {
    const policy = base64(JSON.stringify({
      expiration: new Date(NOW.getTime() + 1000).toISOString(),
      conditions: [{ bucket: "media" }, { key: "a.txt" }],
    }));
    const signature = base64(await hmac("SHA-1", encoder.encode(secret), policy));
    return await outcome(post(testServer(), { key: "a.txt", AWSAccessKeyId: "testkey", policy, signature }));
  };
  assertEquals(await ask("testsecret"), [204, undefined]);
  assertEquals(await ask("wrong"), [403, "SignatureDoesNotMatch"]);
});

Deno.test("a malformed form, or one without a file, is refused", async () => {
  const server = testServer();
  const send = (body: string): Promise<[number, string | undefined]> =>
    outcome(server.fetch(
      new Request("http://localhost/media", {
        method: "POST",
        body,
        headers: { "content-type": "multipart/form-data; boundary=x" },
      }),
    ));
  assertEquals(await send('--x\r\nContent-Disposition: form-data; name="key"\r\n\r\na\r\n--x--\r\n'), [
    400,
    "InvalidArgument",
  ]);
  assertEquals(await send("nonsense"), [400, "MalformedPOSTRequest"]);
  assertEquals(await send('--x\r\nContent-Disposition: form-data; name="key"\r\n\r\na'), [400, "MalformedPOSTRequest"]);
});
