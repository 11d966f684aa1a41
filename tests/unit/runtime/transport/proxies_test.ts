import { assertEquals, assertInstanceOf, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../../src/errors.ts";
import { proxyRoute } from "../../../../src/runtime/transport/proxies.ts";

/** The message of the error for these proxies. */
function refusal(proxies: unknown): string {
  const error = assertThrows(() => proxyRoute(proxies as Record<string, string>)) as Error;
  assertInstanceOf(error, ConfigurationError);
  return `${error.message}${error.cause ?? ""}${JSON.stringify(error)}`;
}

Deno.test("proxyRoute() prefers scheme and host, then scheme, then any scheme and host, then any", () => {
  const route = proxyRoute({
    "https://S3.example.com": "one:1",
    https: "http://two:2",
    "all://s3.example.com": "https://three:3/",
    all: "four:4",
    "http://[::1]": "five:5",
  });
  const chosen = (url: string): string | undefined => route(new URL(url))?.url.href;
  assertEquals(chosen("https://s3.example.com:9000/a"), "http://one:1/");
  assertEquals(chosen("https://bucket.s3.example.com/"), "http://two:2/");
  assertEquals(chosen("http://s3.example.com/"), "https://three:3/");
  assertEquals(chosen("http://other.example.com/"), "http://four:4/");
  assertEquals(chosen("http://[::1]:80/"), "http://five:5/");
  assertEquals(proxyRoute({ https: "two:2" })(new URL("http://s3.example.com/")), undefined);
});

Deno.test("proxyRoute() removes and decodes the user name and the password of a URL", () => {
  const proxy = proxyRoute({ all: "http://us%20er:p%40ss%3A@proxy:3128" })(new URL("http://a/"))!;
  assertEquals([proxy.url.href, proxy.login], ["http://proxy:3128/", { username: "us er", password: "p@ss:" }]);
});

Deno.test("proxyRoute() refuses malformed proxies, and shows no password", () => {
  for (
    const key of ["ftp", "https:", "https://", "https://host:443", "https://host/path", "", "https://u:hunter2@host"]
  ) {
    const message = refusal({ [key]: "http://proxy:3128" });
    assertStringIncludes(message, "proxies must be keyed by");
    assertEquals(message.includes("hunter2"), false);
  }
  const wrong = [
    "",
    "socks5://user:hunter2@proxy:1080",
    "http://user:hunter2@proxy:port",
    "user:hunter2",
    "http://proxy:3128/hunter2",
    "http://proxy:3128?hunter2",
    "http://user:hunter2%zz@proxy",
    5,
    null,
  ];
  for (const value of wrong) {
    const message = refusal({ https: value });
    assertStringIncludes(message, 'proxies["https"] must');
    assertEquals(message.includes("hunter2"), false);
  }
});
