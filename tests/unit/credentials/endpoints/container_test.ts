import { assertEquals, assertStringIncludes } from "@std/assert";
import { NoCredentialsFound } from "../../../../src/credentials/no_credentials.ts";
import { containerCredentials as provide } from "../../../../src/credentials/endpoints/container.ts";
import {
  ConfigurationError,
  ConnectionError,
  PermissionDeniedError,
  ServiceError,
  ThrottledError,
  TimeoutError,
} from "../../../../src/errors.ts";
import { containerDocument, serveContainer } from "../../../fakes/container_server.ts";
import { HeldTime } from "../../held_time.ts";
import { withoutWaiting } from "../../transport.ts";
import { inSeconds, plain, refusalOf, type World, world } from "../world.ts";

const EXPECTED = ["ASIACONTAINER", "hunter2-container-secret", "hunter2-container-session", inSeconds(3600)];
const DOCUMENT = containerDocument(inSeconds(3600));
const TOKEN = "hunter2-container-authorization";

/** Uses a timeout that a busy machine does not reach. */
const containerCredentials = (options: Parameters<typeof provide>[0]): ReturnType<typeof provide> =>
  provide({ timeoutSeconds: 60, ...options });

/** The context of a container whose credentials are at that server. */
function containerAt(origin: string, variables: Record<string, string> = {}): World {
  return world({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${origin}/credentials/task`, ...variables });
}

Deno.test("containerCredentials() prefers the relative URI of ECS to a full one", async () => {
  await using server = serveContainer(DOCUMENT);
  const urls: string[] = [];
  const context = world({
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/credentials/task",
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://localhost:1/other",
  }, (url) => {
    urls.push(url);
    return url.replace("http://169.254.170.2", server.origin);
  });
  assertEquals(plain(await containerCredentials({ context })()), EXPECTED);
  assertEquals(urls, ["http://169.254.170.2/credentials/task"]);
});

Deno.test("containerCredentials() sends the token of the variable to a full URI", async () => {
  await using server = serveContainer(DOCUMENT);
  server.authorization = TOKEN;
  const context = containerAt(server.origin, { AWS_CONTAINER_AUTHORIZATION_TOKEN: TOKEN });
  assertEquals(plain(await containerCredentials({ context })()), EXPECTED);
});

Deno.test("containerCredentials() prefers the token file, and reads it at each call", async () => {
  await using server = serveContainer(DOCUMENT);
  const context = containerAt(server.origin, {
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "old",
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/var/run/token",
  });
  const provider = containerCredentials({ context });
  for (const token of ["first", "second\n", "third\r\n"]) {
    context.files["/var/run/token"] = token;
    server.authorization = token.trim();
    assertEquals(plain(await provider()), EXPECTED);
  }
  context.files["/var/run/token"] = "";
  assertStringIncludes(await refusalOf(provider, ConfigurationError), "/var/run/token");
  delete context.files["/var/run/token"];
  assertStringIncludes(await refusalOf(provider, ConfigurationError), "missing or not readable");
  assertEquals(server.asked.length, 3);
});

Deno.test("containerCredentials() refuses a token with line ends", async () => {
  await using server = serveContainer(DOCUMENT);
  const context = containerAt(server.origin, { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "token" });
  for (const token of ["hunter2\r\nx-evil: 1", "hunter2\nx", "hunter2\0", "hunter2ü", "\n\n"]) {
    context.files.token = token;
    assertStringIncludes(await refusalOf(containerCredentials({ context }), ConfigurationError), "one line");
  }
  assertEquals(server.asked, []);
});

Deno.test("containerCredentials() uses http only for this machine, ECS and EKS", async () => {
  await using server = serveContainer(DOCUMENT);
  const ask = async (url: string): Promise<unknown> => {
    const context = world({ AWS_CONTAINER_CREDENTIALS_FULL_URI: url }, (asked) => {
      assertEquals(asked, new URL(url).href);
      return `${server.origin}/credentials/task`;
    });
    return (await containerCredentials({ context })()).accessKeyId;
  };
  for (
    const host of ["127.0.0.1", "127.9.9.9:1", "[::1]:80", "localhost:8080", "169.254.170.2", "169.254.170.23"]
      .concat("[fd00:ec2::23]", "[FD00:EC2:0::23]")
  ) {
    assertEquals(await ask(`http://${host}/x`), "ASIACONTAINER", host);
  }
  assertEquals(await ask("https://credentials.example.com/x"), "ASIACONTAINER");
  for (
    const url of [
      "http://credentials.example.com/",
      "http://169.254.169.254/",
      "http://127.0.0.1.example.com/",
      "http://localhost.example.com/",
      "http://[::2]/",
      "http://user:hunter2@localhost/",
      "ftp://localhost/",
      "hunter2",
    ]
  ) {
    const provider = containerCredentials({ context: world({ AWS_CONTAINER_CREDENTIALS_FULL_URI: url }) });
    assertStringIncludes(await refusalOf(provider, ConfigurationError), "AWS_CONTAINER_CREDENTIALS_FULL_URI must ");
  }
});

Deno.test("containerCredentials() refuses a relative URI to another host, and has no credentials without one", async () => {
  for (const path of ["credentials", "@evil.example/", ".evil.example", ":1/x"]) {
    const context = world({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: path });
    assertStringIncludes(await refusalOf(containerCredentials({ context }), ConfigurationError), "begins with a slash");
  }
  await refusalOf(containerCredentials({ context: world() }), NoCredentialsFound);
});

Deno.test("containerCredentials() accepts credentials without expiration", async () => {
  await using server = serveContainer({ AccessKeyId: "AKIA", SecretAccessKey: "hunter2" });
  const credentials = await containerCredentials({ context: containerAt(server.origin) })();
  assertEquals(plain(credentials), ["AKIA", "hunter2", undefined, undefined]);
});

Deno.test("containerCredentials() retries a throttled request, then fails", async () => {
  await using server = serveContainer(DOCUMENT);
  const provider = containerCredentials({ context: containerAt(server.origin) });
  server.instead.push(new Response("slow", { status: 429 }), new Response("down", { status: 500 }));
  assertEquals(plain(await withoutWaiting(async () => await provider())), EXPECTED);
  server.instead.push(...[1, 2, 3].map(() => new Response("slow", { status: 429 })));
  assertEquals(await refusalOf(provider, ThrottledError), "Container credentials failed: status 429");
  assertEquals(server.asked.length, 6);
});

Deno.test("containerCredentials() tries a hanging or unreachable service three times", async () => {
  const server = serveContainer(DOCUMENT);
  const provider = containerCredentials({ context: containerAt(server.origin) });
  {
    using time = new HeldTime();
    server.instead.push("silence", "silence");
    const found = withoutWaiting(async () => await provider());
    await time.passAtEach(server.asked, 2, 60);
    assertEquals(plain(await found), EXPECTED);
    server.instead.push("silence", "silence", "silence");
    const refused = refusalOf(provider, TimeoutError);
    await time.passAtEach(server.asked, 3, 60);
    assertStringIncludes(await refused, "within 60 s");
    assertEquals(server.asked.length, 6);
  }
  await server[Symbol.asyncDispose]();
  const message = await refusalOf(containerCredentials({ context: containerAt(server.origin) }), ConnectionError);
  assertStringIncludes(message, "cannot reach");
});

Deno.test("containerCredentials() masks a refused token that the response repeats", async () => {
  await using server = serveContainer(DOCUMENT);
  server.authorization = "other";
  const context = containerAt(server.origin, { AWS_CONTAINER_AUTHORIZATION_TOKEN: TOKEN });
  const message = await refusalOf(containerCredentials({ context }), PermissionDeniedError);
  assertEquals(message, "Container credentials failed: AccessDeniedException: not you, ******");
  assertEquals(server.asked.length, 1);
});

Deno.test("containerCredentials() follows no redirect", async () => {
  await using other = serveContainer(DOCUMENT);
  await using server = serveContainer(DOCUMENT);
  const location = `${other.origin}/credentials/task`;
  server.instead.push(new Response(null, { status: 307, headers: { location } }));
  const message = await refusalOf(containerCredentials({ context: containerAt(server.origin) }), ServiceError);
  assertStringIncludes(message, "status 307");
  assertEquals(other.asked, []);
});

Deno.test("containerCredentials() refuses malformed responses without showing them", async () => {
  await using server = serveContainer(DOCUMENT);
  const provider = containerCredentials({ context: containerAt(server.origin) });
  for (
    const [document, complaint] of [
      ["hunter2", "not a JSON object"],
      ['{"AccessKeyId":"hunter2', "not a JSON object"],
      ["[]", "not a JSON object"],
      ["null", "not a JSON object"],
      ['"hunter2"', "not a JSON object"],
      ["{}", "missing accessKeyId"],
      [containerDocument(inSeconds(60), { SecretAccessKey: "" }), "missing secretAccessKey"],
      [containerDocument(inSeconds(60), { SecretAccessKey: null }), "missing secretAccessKey"],
      [containerDocument(inSeconds(60), { SecretAccessKey: ["hunter2"] }), "secretAccessKey"],
      [containerDocument(inSeconds(60), { Token: "hunter2\n" }), "sessionToken"],
      [containerDocument("soon"), '"soon"'],
      [containerDocument(inSeconds(60), { Code: "Failed", Message: "not now" }), "Failed: not now"],
      ["x".repeat(70_000), "longer than 65536 bytes"],
    ] as const
  ) {
    server.document = document;
    assertStringIncludes(await refusalOf(provider, ServiceError), complaint);
  }
});
