import { assertEquals, assertStringIncludes } from "@std/assert";
import { proxyAuthorization, proxyRefusal } from "../../../../src/runtime/transport/proxy_login.ts";

Deno.test("proxyAuthorization() encodes user name and password as UTF-8", () => {
  const url = new URL("http://proxy:3128/");
  assertEquals(proxyAuthorization({ url }), {});
  assertEquals(proxyAuthorization({ url, login: { username: "ü", password: "p:w" } }), {
    "proxy-authorization": "Basic w7w6cDp3",
  });
});

Deno.test("proxyRefusal() says whether the proxy requires or rejected a login", () => {
  const url = new URL("http://proxy:3128/");
  assertStringIncludes(proxyRefusal({ url }).message, "The proxy proxy:3128 requires a user name and a password");
  const login = { username: "ada", password: "hunter2" };
  const { message } = proxyRefusal({ url, login });
  assertStringIncludes(message, "The proxy proxy:3128 rejected the user name or password");
  assertEquals(message.includes("hunter2"), false);
});
