/** The memory of a part is reused once the part was sent, while the runtime may still send an earlier attempt at it. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import { HttpSocket } from "../../fakes/http_socket.ts";
import { patternBytes } from "../random.ts";
import { withoutWaiting } from "../transport.ts";

const MIB = 1024 ** 2;
const PART_BYTES = 5 * MIB;
/** The bytes of a first attempt that are read before the response. */
const BEFORE_ANSWER = 700_000;

/** The body of one attempt at a part. */
interface Try {
  readonly partNumber: number;
  readonly bytes: Uint8Array;
}

/** Rejects the first attempt at each part in the middle of its body, and continues to read it as slowly as possible. */
class SlowReader implements AsyncDisposable {
  readonly tries: Try[] = [];
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #work = new Set<Promise<void>>();
  readonly #sockets: HttpSocket[] = [];
  readonly #refused = new Set<number>();

  constructor() {
    this.#track(this.#accept());
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const socket of this.#sockets) socket.close();
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  #track(work: Promise<void>): void {
    this.#work.add(work);
    work.finally(() => this.#work.delete(work));
  }

  async #accept(): Promise<void> {
    for (;;) {
      const connection = await this.#listener.accept().catch(() => undefined);
      if (connection === undefined) return;
      const socket = new HttpSocket(connection);
      this.#sockets.push(socket);
      this.#track(this.#serve(socket));
    }
  }

  async #serve(socket: HttpSocket): Promise<void> {
    const answer = async (status: number, text = ""): Promise<void> => {
      const body = new TextEncoder().encode(text);
      await socket.answer(status, new Headers({ "content-length": String(body.length), etag: '"e"' }), body);
    };
    for (let head = await socket.readHead(); head !== undefined; head = await socket.readHead()) {
      const query = new URL(head.target, "http://localhost").searchParams;
      const length = Number(head.headers.get("content-length") ?? 0);
      const partNumber = Number(query.get("partNumber") ?? 0);
      if (query.has("uploads")) {
        await answer(200, "<InitiateMultipartUploadResult><UploadId>id</UploadId></InitiateMultipartUploadResult>");
      } else if (partNumber === 0) {
        await socket.readBody(length);
        await answer(200, "<CompleteMultipartUploadResult/>");
      } else if (this.#refused.has(partNumber)) {
        this.tries.push({ partNumber, bytes: await socket.readBody(length) });
        await answer(200);
      } else {
        this.#refused.add(partNumber);
        const pieces = [await socket.readBody(Math.min(BEFORE_ANSWER, length))];
        await answer(503);
        for (let piece = pieces[0]!; piece.length > 0; pieces.push(piece)) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          piece = await socket.readBody(
            Math.min(64 * 1024, length - pieces.reduce((sum, { length }) => sum + length, 0)),
          );
        }
        this.tries.push({ partNumber, bytes: new Uint8Array(await new Blob(pieces).arrayBuffer()) });
        return socket.close();
      }
    }
  }
}

Deno.test("no attempt at a part contains bytes of another part, even after an early rejection", async () => {
  const bytes = patternBytes(4 * PART_BYTES + 1000);
  const server = new SlowReader();
  {
    await using _ = server;
    const storage = new S3Storage({
      bucketName: "bucket",
      accessKey: "AKID",
      secretKey: "secret",
      endpointUrl: server.endpoint,
      transferConfig: { multipartThreshold: PART_BYTES, partSize: PART_BYTES, maxConcurrency: 1 },
    });
    await withoutWaiting(async () => {
      await using file = await storage.open("a.bin", "wb");
      const chunk = new Uint8Array(64 * 1024);
      for (let start = 0; start < bytes.length; start += chunk.length) {
        const piece = chunk.subarray(0, Math.min(chunk.length, bytes.length - start));
        piece.set(bytes.subarray(start, start + piece.length));
        await file.write(piece);
        piece.fill(0); // the caller may change it
      }
      await file.close();
    });
  }
  assertEquals(server.tries.length, 10);
  for (const { partNumber, bytes: sent } of server.tries) {
    const start = (partNumber - 1) * PART_BYTES;
    assertGreater(sent.length, 0);
    assert(sent.every((byte, i) => byte === bytes[start + i]), `part ${partNumber} carried other bytes`);
  }
});
