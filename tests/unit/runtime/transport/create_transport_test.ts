import {
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { ConfigurationError } from "../../../../src/errors.ts";
import { createTransport } from "../../../../src/runtime/transport/create_transport.ts";
import type { TransportOptions } from "../../../../src/runtime/transport/transport.ts";

/** The message of the error for these options. */
function refusal(options: unknown): string {
  const error = assertThrows(() => createTransport(options as TransportOptions)) as Error;
  assertInstanceOf(error, ConfigurationError);
  return `${error.message}${error.cause ?? ""}${JSON.stringify(error)}`;
}

async function withFile(text: string, use: (path: string) => void): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".pem" });
  try {
    await Deno.writeTextFile(path, text);
    use(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("createTransport() returns undefined where fetch suffices", () => {
  for (const options of [{}, { verify: true }, { verify: undefined, proxies: undefined }, { proxies: {} }]) {
    assertEquals(createTransport(options), undefined);
  }
});

Deno.test("createTransport() returns one transport for equal options only", () => {
  const proxies = { https: "http://proxy.example.com:3128" };
  assertStrictEquals(createTransport({ proxies }), createTransport({ proxies: { ...proxies } }));
  assertStrictEquals(createTransport({ verify: false }), createTransport({ verify: false, proxies: {} }));
  assertStrictEquals(createTransport({ connectTimeout: 1 }), createTransport({ connectTimeout: 1 }));
  const others = [{ connectTimeout: 1 }, { connectTimeout: 2 }, { verify: false }, { proxies }, {
    proxies,
    verify: false,
  }, { proxies: { all: "http://proxy:1" } }];
  assertEquals(new Set(others.map((options) => createTransport(options))).size, others.length);
});

Deno.test("createTransport() refuses a CA bundle that is unreadable, empty or damaged", async () => {
  assertStringIncludes(refusal({ verify: "no/such/ca.pem" }), 'cannot read "no/such/ca.pem"');
  assertStringIncludes(refusal({ verify: "" }), 'cannot read ""');
  await withFile("just text", (path) => {
    assertStringIncludes(refusal({ verify: path }), `"${path}" has no "-----BEGIN CERTIFICATE-----"`);
  });
  const damaged = "-----BEGIN CERTIFICATE-----\nc2VjcmV0\n-----END CERTIFICATE-----\n";
  await withFile(damaged, (path) => {
    assertStringIncludes(refusal({ verify: path }), `certificate 1 of "${path}" is damaged`);
  });
  assertStringIncludes(refusal({ verify: damaged }), "certificate 1 of the given text is damaged");
});

Deno.test("createTransport() shows no private key in an error", () => {
  const said = refusal({ verify: "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----" });
  assertStringIncludes(said, 'the given text has no "-----BEGIN CERTIFICATE-----"');
  assertEquals(said.includes("hunter2"), false);
});

Deno.test("createTransport() throws on runtimes that do not let programs choose", () => {
  const { process } = globalThis as unknown as { process: { getBuiltinModule: unknown } };
  const { getBuiltinModule } = process;
  const userAgent = Object.getOwnPropertyDescriptor(Navigator.prototype, "userAgent")!;
  try {
    process.getBuiltinModule = undefined;
    assertStringIncludes(refusal({ verify: false }), "need Deno, Bun or Node");
    assertEquals(createTransport({ verify: true }), undefined);
    process.getBuiltinModule = getBuiltinModule;
    Object.defineProperty(Navigator.prototype, "userAgent", { ...userAgent, get: () => "Cloudflare-Workers" });
    assertStringIncludes(refusal({ proxies: { all: "proxy:1" } }), "need Deno, Bun or Node");
    assertStringIncludes(refusal({ connectTimeout: 1 }), "need Deno, Bun or Node");
  } finally {
    process.getBuiltinModule = getBuiltinModule;
    Object.defineProperty(Navigator.prototype, "userAgent", userAgent);
  }
});

Deno.test("createTransport() refuses a body that is a stream", async () => {
  const transport = createTransport({ verify: false })!;
  const body = new Blob(["x"]).stream();
  await assertRejects(
    () => transport.fetch("http://127.0.0.1:9/", { method: "PUT", body }),
    TypeError,
    "a Blob or a string",
  );
  await transport.close();
});
