import { assertEquals } from "@std/assert";
import { NOW, outcome, send, testServer } from "./signed_requests.ts";

const minutes = (count: number): Date => new Date(NOW.getTime() + count * 60_000);

Deno.test("temporary credentials expire at their expiration", async () => {
  const temporary = (expiration: Date): ReturnType<typeof testServer> =>
    testServer({
      credentials: [{ accessKeyId: "testkey", secretAccessKey: "testsecret", sessionToken: "t", expiration }],
    });
  for (const expires of [undefined, 60]) {
    const ask = (server: ReturnType<typeof testServer>): Promise<[number, string | undefined]> =>
      outcome(send(server, "/media", { sessionToken: "t", ...(expires === undefined ? {} : { expires }) }));
    assertEquals(await ask(temporary(minutes(1))), [200, undefined]);
    assertEquals(await ask(temporary(NOW)), [400, "ExpiredToken"]);
  }
});
