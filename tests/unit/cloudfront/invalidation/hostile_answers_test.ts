/** CreateInvalidation meets a CloudFront that lies: nothing followed, nothing shown, nothing read without end. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createInvalidation, type InvalidationOptions } from "../../../../src/cloudfront/invalidation/mod.ts";
import { PermissionDeniedError, ServiceError } from "../../../../src/errors.ts";

const CREDENTIALS = {
  accessKeyId: "AKIDhunter2hunter2",
  secretAccessKey: "hunter2-secret",
  sessionToken: "hunter2/token+",
};
const OPTIONS: InvalidationOptions = {
  distributionId: "EDFDVBD6EXAMPLE",
  paths: ["/index.html"],
  credentials: CREDENTIALS,
  maxAttempts: 1,
};

for (const status of [301, 302, 303, 307, 308]) {
  Deno.test(`createInvalidation() follows no ${status}: neither token nor body reaches another host`, async () => {
    const stolen: string[] = [];
    await using thief = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      stolen.push(`${request.headers.get("x-amz-security-token")} ${await request.text()}`);
      return new Response("<Invalidation><Id>I1</Id><Status>InProgress</Status></Invalidation>", { status: 201 });
    });
    await using moved = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      await request.text();
      return new Response("moved", { status, headers: { location: `http://localhost:${thief.addr.port}/` } });
    });
    const local = (request: Request): Promise<Response> =>
      fetch(new Request(`http://127.0.0.1:${moved.addr.port}/`, request));
    const error = await assertRejects(() => createInvalidation({ ...OPTIONS, fetch: local }), ServiceError);
    assertEquals([error.status, stolen], [status, []]);
  });
}

Deno.test("createInvalidation() limits the response by the paths, and names the limit", async () => {
  for (const [status, paths] of [[201, 1], [201, 3000], [403, 1]] as const) {
    const names = Array.from({ length: paths }, (_, index) => `/${"&".repeat(100)}${index}`);
    let taken = 0;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => {
        controller.enqueue(new Uint8Array(64 * 1024).fill(32));
        taken += 64 * 1024;
      },
    }, { highWaterMark: 0 });
    const fetch = (): Promise<Response> => Promise.resolve(new Response(body, { status }));
    await assertRejects(
      () => createInvalidation({ ...OPTIONS, paths: names, fetch }),
      ServiceError,
      "Invalid response to CreateInvalidation: longer than",
    );
    assert(taken < (paths === 1 ? 200_000 : 10_000_000), `${taken} bytes were read`);
  }
});

Deno.test("createInvalidation() accepts a response with 3,000 paths in entities", async () => {
  const paths = Array.from({ length: 3000 }, (_, index) => `/${"'".repeat(100)}${index}`);
  const items = paths.map((path) => `<Path>${path.replaceAll("'", "&apos;")}</Path>`).join("");
  const document =
    `<Invalidation><Id>I1</Id><Status>InProgress</Status><Paths><Items>${items}</Items></Paths></Invalidation>`;
  const fetch = (): Promise<Response> => Promise.resolve(new Response(document, { status: 201 }));
  assertEquals((await createInvalidation({ ...OPTIONS, paths, fetch })).id, "I1");
});

Deno.test("createInvalidation() masks repeated secrets and escapes control characters", async () => {
  const evil = "&#x1b;[2J&#x9b;31m&#x202e;&#10;forged";
  const fetch = async (request: Request): Promise<Response> => {
    const sent = [...request.headers].map(([name, value]) => `${name}: ${value}`).join(" ") + await request.text();
    const message = `${sent} ${encodeURIComponent(sent)} ${Object.values(CREDENTIALS).join(" ")}`.replace(
      /[&<>]/g,
      " ",
    );
    return new Response(
      `<ErrorResponse><Error><Code>AccessDenied</Code><Message>${message}${evil}</Message></Error>` +
        `<RequestId>${message}${evil}</RequestId></ErrorResponse>`,
      { status: 403 },
    );
  };
  const error = await assertRejects(() => createInvalidation({ ...OPTIONS, fetch }), PermissionDeniedError);
  const shown = Deno.inspect(error, { depth: 10 }) + JSON.stringify(error);
  assert(!shown.includes("hunter2") && !/Signature=[\da-f]/.test(shown), shown);
  // deno-lint-ignore no-control-regex -- just these are looked for
  assert(!/[\x00-\x1f\x7f-\x9f\u202e]/.test(error.message + error.requestId), error.message);
  const odd = `<Invalidation><Id>I1${evil}</Id><Status>${evil}</Status></Invalidation>`;
  const { id } = await createInvalidation({ ...OPTIONS, fetch: () => Promise.resolve(new Response(odd)) });
  assertEquals(id, "I1\\u001b[2J\\u009b31m\\u202e forged");
});
