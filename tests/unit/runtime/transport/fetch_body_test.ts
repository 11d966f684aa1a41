import { assert, assertEquals } from "@std/assert";
import { bodyToSend, fetchInit, PieceBlob, withBytes } from "../../../../src/runtime/transport/fetch_body.ts";
import { patternBytes } from "../../random.ts";

Deno.test("bodyToSend() sends a large array in pieces, with its length, each time", async () => {
  const bytes = patternBytes(1_000_001);
  const seen: unknown[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    seen.push([request.headers.get("content-length"), request.headers.get("content-type")]);
    assertEquals(new Uint8Array(await request.arrayBuffer()), bytes);
    return new Response();
  });
  try {
    const body = bodyToSend(bytes);
    assert(body instanceof Blob);
    for (let time = 0; time < 2; time++) {
      const url = `http://127.0.0.1:${server.addr.port}/`;
      const response = await fetch(url, fetchInit({ method: "PUT", body }));
      await response.body?.cancel();
      assertEquals(response.status, 200);
    }
    assertEquals(seen, Array(2).fill(["1000001", null]));
  } finally {
    await server.shutdown();
  }
});

Deno.test("bodyToSend() leaves a small array and a Blob unchanged", () => {
  for (const body of [new Uint8Array(10), new Blob(["a"])]) assert(bodyToSend(body) === body);
});

Deno.test("PieceBlob.arrayBuffer() returns all bytes, which a signature needs", async () => {
  const bytes = new Uint8Array(1_000_000).map((_, i) => i % 251);
  const blob = new PieceBlob(bytes.byteLength, (start, end) => Promise.resolve(bytes.subarray(start, end)));
  assertEquals(new Uint8Array(await blob.arrayBuffer()), bytes);
});

/** Runs with the global `Bun` of a version. */
async function onBun(version: string, run: () => unknown): Promise<void> {
  Object.defineProperty(globalThis, "Bun", { value: { version }, configurable: true });
  try {
    await run();
  } finally {
    Reflect.deleteProperty(globalThis, "Bun");
  }
}

for (const version of ["1.2.1", "1.3.14"]) {
  Deno.test(`a body is sent as bytes on Bun ${version}, which sends streams without their length`, async () => {
    await onBun(version, async () => {
      const large = patternBytes(1_000_001);
      assert(bodyToSend(large) === large);
      const body = new PieceBlob(large.byteLength, (start, end) => large.subarray(start, end));
      const init = await withBytes(fetchInit({ method: "PUT", body }));
      assertEquals([init.method, new Uint8Array(init.body as ArrayBuffer)], ["PUT", large]);
    });
  });
}

for (const version of ["1.4.0", "1.10.2", "2.1.0"]) {
  Deno.test(`a body is sent as a stream with its length on Bun ${version}`, async () => {
    await onBun(version, async () => {
      const init = await withBytes(fetchInit({ method: "PUT", body: bodyToSend(patternBytes(1_000_001)) }));
      assert(init.body instanceof ReadableStream);
      assertEquals((init.headers as Headers).get("content-length"), "1000001");
      await init.body.cancel();
    });
  });
}
