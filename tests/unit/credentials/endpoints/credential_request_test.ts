import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { isRetryable } from "../../../../src/client/recovery/retries.ts";
import {
  type CredentialRequest,
  type CredentialResponse,
  refusalError,
  sendCredentialRequest,
} from "../../../../src/credentials/endpoints/credential_request.ts";
import { ConnectionError, ServiceError, StorageError, TimeoutError } from "../../../../src/errors.ts";
import { serveFake } from "../../../fakes/serve.ts";
import { bareAnswer, networkError, scripted, silence, watchedBody, withoutWaiting } from "../../transport.ts";
import { HeldTime } from "../../held_time.ts";
import { assertNoSecret } from "../world.ts";

const asking = (changes: Partial<CredentialRequest>): Promise<CredentialResponse> =>
  withoutWaiting(() =>
    sendCredentialRequest({
      context: { fetch },
      operation: "AssumeRole",
      prepare: () => ({ url: "https://sts.example.com/?key=hunter2" }),
      timeoutSeconds: 10,
      ...changes,
    })
  );

Deno.test("sendCredentialRequest() returns any status, and retries transient failures up to three times", async () => {
  for (
    const [status, text, requests] of [[200, "yes", 1], [302, "", 1], [400, "no", 1], [400, "Busy", 3], [429, "", 3], [
      503,
      "",
      3,
    ]] as const
  ) {
    const context = scripted(new Response(text, { status }));
    assertEquals(await asking({ context, transientCodes: /Busy/ }), { status, text });
    assertEquals(context.requests.length, requests, `status ${status} ${text}`);
  }
  const context = scripted(bareAnswer(500), networkError(), new Response("at last"));
  assertEquals(await asking({ context }), { status: 200, text: "at last" });
});

Deno.test("sendCredentialRequest() never retries a single-use request", async () => {
  const refusing = scripted(bareAnswer(503));
  assertEquals((await asking({ context: refusing, isSingleUse: true })).status, 503);
  const failing = scripted(networkError());
  await assertRejects(() => asking({ context: failing, isSingleUse: true }), ConnectionError);
  assertEquals([refusing.requests.length, failing.requests.length], [1, 1]);
});

Deno.test("sendCredentialRequest() looks for transient codes only in error responses", async () => {
  const context = scripted(new Response("Busy"));
  assertEquals(await asking({ context, transientCodes: /Busy/ }), { status: 200, text: "Busy" });
  assertEquals(context.requests.length, 1);
});

Deno.test("sendCredentialRequest() prepares each attempt anew and follows no redirect", async () => {
  let made = 0;
  const context = scripted(bareAnswer(500), new Response("x"));
  await asking({ context, prepare: () => ({ url: `https://a.example/${++made}`, headers: { authorization: "x" } }) });
  assertEquals(context.requests.map(({ url }) => url), ["https://a.example/1", "https://a.example/2"]);
  assertEquals(context.requests.map(({ redirect }) => redirect), ["manual", "manual"]);
});

Deno.test("sendCredentialRequest() retries network failures, and its error shows the host without the query", async () => {
  const cause = new TypeError("error sending request for url (https://sts.example.com/?key=hunter2)");
  for (const attempts of [1, 2, 5]) {
    const context = scripted(cause);
    const error = await assertRejects(() => asking({ context, attempts }), ConnectionError, "sts.example.com");
    assertNoSecret(error);
    assertEquals(context.requests.length, attempts);
  }
  const context = scripted(networkError());
  await assertRejects(
    () => asking({ context }),
    ConnectionError,
    "cannot reach sts.example.com: connection reset by peer",
  );
  assertEquals(context.requests.length, 3);
});

Deno.test("a certificate that is refused is not waited for", async () => {
  const cause = Object.assign(new Error("certificate has expired"), { code: "CERT_HAS_EXPIRED" });
  const context = scripted(new TypeError("fetch failed for https://sts.example.com/?key=hunter2", { cause }));
  const error = await assertRejects(() => asking({ context }), ConnectionError, "certificate has expired");
  assertNoSecret(error);
  assertEquals(isRetryable(error, {}), false);
  const other = await assertRejects(() => asking({ context: scripted(networkError()) }), ConnectionError);
  assertEquals(isRetryable(other, {}), true);
});

Deno.test("sendCredentialRequest() times out and closes the connection", async () => {
  await using server = serveFake(() => "silence");
  using time = new HeldTime();
  const request = (): { url: string } => ({ url: `${server.origin}/?key=hunter2` });
  const asked = assertRejects(() => asking({ prepare: request, timeoutSeconds: 20, attempts: 2 }), TimeoutError);
  await time.passAtEach(server.asked, 2, 20);
  const error = await asked;
  assertStringIncludes(error.message, "within 20 s");
  assertNoSecret(error);
  assertEquals(server.asked.length, 2);
});

Deno.test("sendCredentialRequest() stops an endless response at its timeout, and a long one after 64 KiB", async () => {
  await using server = serveFake((_, path) => {
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (path === "/long") return controller.enqueue(new Uint8Array(16_384));
        return new Promise(() => {});
      },
    });
    return new Response(stream);
  });
  using time = new HeldTime();
  const at = (path: string) => (): { url: string } => ({ url: server.origin + path });
  const slow = assertRejects(() => asking({ prepare: at("/slow"), timeoutSeconds: 20, attempts: 1 }), TimeoutError);
  await time.passAtEach(server.asked, 1, 20);
  await slow;
  await assertRejects(() => asking({ prepare: at("/long") }), ServiceError, "longer than 65536 bytes");
  assertEquals(server.asked, ["GET /slow", "GET /long"]);
});

Deno.test("sendCredentialRequest() leaves no timer", async () => {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  const running = new Set<unknown>();
  globalThis.setTimeout = ((work: () => void, delay: number) => {
    const timer = set(() => {
      running.delete(timer);
      work();
    }, delay);
    running.add(timer);
    return timer;
  }) as typeof set;
  globalThis.clearTimeout = (timer) => {
    running.delete(timer);
    clear(timer);
  };
  try {
    await asking({ context: scripted(bareAnswer(500), new Response("x")) });
    await assertRejects(() => asking({ context: scripted(networkError()) }), ConnectionError);
    await assertRejects(() => asking({ context: { fetch: silence }, timeoutSeconds: 0.01, attempts: 2 }), TimeoutError);
    const request = (): never => {
      throw new ServiceError("cannot be signed");
    };
    await assertRejects(() => asking({ prepare: request }), ServiceError, "cannot be signed");
    assertEquals(running.size, 0);
  } finally {
    Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
  }
});

Deno.test("sendCredentialRequest() cancels the body of a long or late response", async () => {
  const long = watchedBody(100);
  await assertRejects(() => asking({ context: scripted(() => new Response(long.stream)) }), ServiceError);
  assertEquals(long.fate(), "cancelled");
  const late = watchedBody();
  let deliver = (): void => {};
  const context = {
    fetch: (): Promise<Response> => new Promise((resolve) => deliver = () => resolve(new Response(late.stream))),
  };
  await assertRejects(() => asking({ context, timeoutSeconds: 0.01, attempts: 1 }), TimeoutError);
  deliver();
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(late.fate(), "cancelled");
});

Deno.test("refusalError() maps code and status to a class, and masks secrets", () => {
  const question: CredentialRequest = {
    context: { fetch },
    operation: "AssumeRole",
    prepare: () => ({ url: "https://a.example" }),
    timeoutSeconds: 1,
    secrets: ["hunter2", undefined, ""],
  };
  for (
    const [status, code, kind] of [
      [400, "ExpiredTokenException", "Unauthenticated"],
      [400, "Throttling", "Throttled"],
      [403, "AccessDenied", "PermissionDenied"],
      [403, undefined, "PermissionDenied"],
      [401, undefined, "Unauthenticated"],
      [429, undefined, "Throttled"],
      [503, "", "Throttled"],
      [500, undefined, "Service"],
      [400, "ValidationError", "Service"],
    ] as const
  ) {
    const error = refusalError(question, { status, text: "" }, { code, message: `the token hunter2\r\nis not ours` });
    assert(error instanceof StorageError);
    assertEquals([error.code, error.status, error.operation], [kind, status, "AssumeRole"]);
    assertStringIncludes(error.message, "the token ****** is not ours");
    assertNoSecret(error);
  }
  assertEquals(refusalError(question, { status: 418, text: "" }).message, "AssumeRole failed: status 418");
  assertEquals(
    refusalError(question, { status: 400, text: "" }, { message: "x".repeat(9999) }).message.length < 600,
    true,
  );
});
