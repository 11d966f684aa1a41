import { assertEquals, assertRejects } from "@std/assert";
import { createS3Server } from "../../../../src/testing/mod.ts";
import { s3On } from "../storages.ts";
import {
  BackendWrapper,
  type ByteSink,
  type ByteSource,
  LocalStorage,
  MemoryStorage,
  NotSupportedError,
  Storage,
} from "../../../../src/storage/mod.ts";

type CallParameters<Call extends "read" | "write" | "delete"> = Parameters<BackendWrapper[Call]>;

/** A backend without a copy of its own, which counts calls. */
class Plain extends BackendWrapper {
  readonly calls: string[] = [];
  conditionalWrites = false;
  override get capabilities(): BackendWrapper["capabilities"] {
    return { conditionalWrites: this.conditionalWrites, serverSideCopy: false, urls: false };
  }
  override head(...given: Parameters<BackendWrapper["head"]>): ReturnType<BackendWrapper["head"]> {
    this.calls.push("head");
    return super.head(...given);
  }
  override read(...given: CallParameters<"read">): Promise<ByteSource> {
    this.calls.push("read");
    return super.read(...given);
  }
}

Deno.test("copy() and move() that may not overwrite are refused without copies and conditional writes", async () => {
  const backend = new Plain(new MemoryStorage().backend);
  const storage = new Storage(backend, { fileOverwrite: false });
  await storage.save("a.txt", "hello", { onExisting: "replace" });
  const message = 'this backend has no conditional writes (onExisting "rename" and "refuse")';
  await assertRejects(() => storage.copy("a.txt", "b.txt"), NotSupportedError, message);
  await assertRejects(() => storage.move("a.txt", "b.txt"), NotSupportedError, message);
  assertEquals(backend.calls, []);
  await storage.copy("a.txt", "b.txt", { onExisting: "replace" });
  backend.conditionalWrites = true;
  await storage.copy("a.txt", "c.txt");
  assertEquals(await storage.listdir(), [[], ["a.txt", "b.txt", "c.txt"]]);
});

Deno.test("a copy by reading aborts its write if the source cannot be read", async () => {
  const reasons: unknown[] = [];
  class Broken extends Plain {
    override async read(...given: CallParameters<"read">): Promise<ByteSource> {
      const { stat, close } = await super.read(...given);
      return { stat, close, open: () => Promise.reject(new Error("the disk is broken")) };
    }
    override write(...given: CallParameters<"write">): ByteSink {
      return { ...super.write(...given), abort: (reason) => Promise.resolve(void reasons.push(reason)) };
    }
  }
  const storage = new Storage(new Broken(new MemoryStorage().backend));
  await storage.save("a.txt", "hello");
  await assertRejects(() => storage.copy("a.txt", "b.txt"), Error, "the disk is broken");
  assertEquals(reasons.map(String), ["Error: the disk is broken"]);
});

Deno.test("a copy by reading keeps every content encoding", async () => {
  for (const inner of [new MemoryStorage(), s3On(createS3Server({ buckets: ["media"] }))]) {
    const storage = new Storage(new Plain(inner.backend));
    for (const contentEncoding of ["br", "gzip", "x-own"]) {
      await storage.save("a.txt", "hello", { contentEncoding });
      await storage.copy("a.txt", "b.txt");
      await storage.move("b.txt", "c.txt");
      assertEquals((await storage.stat("c.txt")).contentEncoding, contentEncoding);
    }
  }
});

Deno.test("a copy by reading has no media type that was guessed from the first name", async () => {
  const folder = await Deno.makeTempDir({ prefix: "storages-test-" });
  try {
    const storage = new Storage(new Plain(new LocalStorage(folder).backend));
    await storage.save("a.txt", "hello");
    await storage.copy("a.txt", "b.html");
    assertEquals((await storage.stat("b.html")).contentType, "text/html; charset=utf-8");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
