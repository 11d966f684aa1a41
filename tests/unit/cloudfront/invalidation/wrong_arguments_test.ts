/** Wrong arguments of every public function of `@storages/s3/cloudfront/invalidation`: what each call says. */
import { assertEquals, assertRejects } from "@std/assert";
import * as entry from "../../../../src/cloudfront/invalidation/mod.ts";

const INVALIDATION = {
  distributionId: "EDFDVBD6EXAMPLE",
  paths: ["/index.html"],
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "hunter2" },
  fetch: (): Promise<Response> => Promise.reject(new Error("a request was sent")),
  maxAttempts: 1,
};

/** Invalid values may have any type. */
// deno-lint-ignore no-explicit-any -- the point of these tests
type Wrong = any;

/** A call with wrong arguments, and the message of its error. */
type Row = readonly [call: string, kind: new (message: string) => Error, run: () => unknown, message: string];

const invalidate = (wrong: Wrong): unknown => entry.createInvalidation({ ...INVALIDATION, ...wrong });
const paths = (...wrong: Wrong[]): unknown =>
  entry.invalidationPaths(...(wrong as Parameters<typeof entry.invalidationPaths>));

const ROWS: Row[] = [
  [
    "createInvalidation()",
    TypeError,
    () => entry.createInvalidation(undefined as Wrong),
    "Cannot create invalidation: options must be an object, got undefined",
  ],
  [
    "createInvalidation({ timeout: 30 })",
    TypeError,
    () => invalidate({ timeout: 30 }),
    "Cannot create invalidation for 'EDFDVBD6EXAMPLE': unknown option 'timeout'. Did you mean timeoutSeconds? Known are ",
  ],
  [
    "createInvalidation({ distributionId: 5 })",
    TypeError,
    () => invalidate({ distributionId: 5 }),
    "Cannot create invalidation for '5': distributionId must be letters and digits, got 5",
  ],
  [
    "createInvalidation({ paths: '/a' })",
    TypeError,
    () => invalidate({ paths: "/a" }),
    `Cannot create invalidation for 'EDFDVBD6EXAMPLE': paths must be an array of texts, got "/a"`,
  ],
  [
    "createInvalidation({ paths: [] })",
    TypeError,
    () => invalidate({ paths: [] }),
    "Cannot create invalidation for 'EDFDVBD6EXAMPLE': paths must not be empty",
  ],
  [
    "createInvalidation({ paths: [5] })",
    TypeError,
    () => invalidate({ paths: [5] }),
    "Cannot create invalidation for 'EDFDVBD6EXAMPLE': each path must be text that begins with a slash, with * only at " +
    "its end, got 5",
  ],
  [
    "createInvalidation({ credentials: undefined })",
    TypeError,
    () => invalidate({ credentials: undefined }),
    "Cannot create invalidation for 'EDFDVBD6EXAMPLE': the accessKeyId of the credentials must be text in printable ASCII",
  ],
  [
    "createInvalidation() with a provider of nothing",
    TypeError,
    () => invalidate({ credentials: () => undefined }),
    "Cannot create invalidation for 'EDFDVBD6EXAMPLE': the accessKeyId of the credentials must be text in printable ASCII",
  ],
  [
    "createInvalidation({ callerReference: 7 })",
    TypeError,
    () => invalidate({ callerReference: 7 }),
    "Cannot create invalidation for 'EDFDVBD6EXAMPLE': callerReference must be text, got 7",
  ],
  [
    "createInvalidation({ maxAttempts: '3' })",
    TypeError,
    () => invalidate({ maxAttempts: "3" }),
    `Cannot create invalidation for 'EDFDVBD6EXAMPLE': maxAttempts must be an integer of 1 or more, got "3"`,
  ],
  [
    "createInvalidation({ maxAttempts: 0 })",
    RangeError,
    () => invalidate({ maxAttempts: 0 }),
    "Cannot create invalidation for 'EDFDVBD6EXAMPLE': maxAttempts must be an integer of 1 or more, got 0",
  ],
  [
    "createInvalidation({ timeoutSeconds: '30' })",
    TypeError,
    () => invalidate({ timeoutSeconds: "30" }),
    `Cannot create invalidation for 'EDFDVBD6EXAMPLE': timeoutSeconds must be more than 0, got "30"`,
  ],
  [
    "createInvalidation({ timeoutSeconds: 0 })",
    RangeError,
    () => invalidate({ timeoutSeconds: 0 }),
    "Cannot create invalidation for 'EDFDVBD6EXAMPLE': timeoutSeconds must be more than 0, got 0",
  ],
  [
    "createInvalidation({ fetch: 5 })",
    TypeError,
    () => invalidate({ fetch: 5 }),
    "Cannot create invalidation for 'EDFDVBD6EXAMPLE': fetch must be a function, got 5",
  ],
  [
    "createInvalidation({ now: new Date() })",
    TypeError,
    () => invalidate({ now: new Date() }),
    "Cannot create invalidation for 'EDFDVBD6EXAMPLE': now must be a function, got a value of type object",
  ],
  [
    "createInvalidation({ now: () => Date.now() })",
    TypeError,
    () => invalidate({ now: () => 1_800_000_000_000 }),
    "Cannot create invalidation for 'EDFDVBD6EXAMPLE': now must be a function that returns a valid Date, got 1800000000000",
  ],
  [
    "createInvalidation({ signal: new AbortController() })",
    TypeError,
    () => invalidate({ signal: new AbortController() }),
    "Cannot create invalidation for 'EDFDVBD6EXAMPLE': signal must be an AbortSignal, such as controller.signal, got a value of type object",
  ],

  [
    "invalidationPath(5)",
    TypeError,
    () => entry.invalidationPath(5 as Wrong),
    "Cannot make invalidation path: key must be text, got 5",
  ],
  [
    "invalidationPaths('index.html')",
    TypeError,
    () => paths("index.html"),
    'Cannot make invalidation paths: names must be an array or another iterable of texts, got "index.html"',
  ],
  [
    "invalidationPaths([5])",
    TypeError,
    () => paths([5]),
    "Cannot make invalidation paths: each name must be text, got 5",
  ],
  [
    "invalidationPaths([], 'static/')",
    TypeError,
    () => paths([], "static/"),
    'Cannot make invalidation paths: options must be an object, got "static/"',
  ],
  [
    "invalidationPaths([], { mostPaths: 3 })",
    TypeError,
    () => paths([], { mostPaths: 3 }),
    "Cannot make invalidation paths: unknown option 'mostPaths'. Did you mean maxPaths? Known are location, maxPaths",
  ],
  [
    "invalidationPaths([], { location: 5 })",
    TypeError,
    () => paths([], { location: 5 }),
    "Cannot make invalidation paths: location must be text, got 5",
  ],
  [
    "invalidationPaths([], { maxPaths: 0 })",
    RangeError,
    () => paths([], { maxPaths: 0 }),
    "Cannot make invalidation paths: maxPaths must be an integer of 1 or more, got 0",
  ],
  [
    "invalidationPaths([], { maxPaths: '3' })",
    TypeError,
    () => paths([], { maxPaths: "3" }),
    'Cannot make invalidation paths: maxPaths must be an integer of 1 or more, got "3"',
  ],
];

for (const [call, kind, run, message] of ROWS) {
  Deno.test(`${call} throws ${kind.name}`, async () => {
    const error = await assertRejects(async () => await run(), kind, message);
    assertEquals([error.name, error.message.includes("hunter2")], [kind.name, false]);
  });
}

Deno.test("every public function of the entry for invalidations has rows of wrong arguments", () => {
  const functions = Object.entries(entry).filter(([, value]) => typeof value === "function").map(([name]) => name);
  const named = functions.filter((name) => ROWS.some(([call]) => call.includes(`${name}(`)));
  assertEquals(named, functions);
});
