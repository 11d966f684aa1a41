// deno-lint-ignore-file no-console -- the example prints its results
/** A backend that logs every call of another one, with its duration and its error. */
import { BackendWrapper, type ByteSink, MemoryStorage, Storage, type StorageBackend } from "@storages/s3/storage";

export class LoggingBackend extends BackendWrapper {
  constructor(inner: StorageBackend, readonly log: (line: string) => void) {
    super(inner);
  }
  override read(...given: Parameters<StorageBackend["read"]>): ReturnType<StorageBackend["read"]> {
    return this.#logged("read", given[0], super.read(...given));
  }
  override put(...given: Parameters<StorageBackend["put"]>): ReturnType<StorageBackend["put"]> {
    return this.#logged("put", given[0], super.put(...given));
  }
  override write(...given: Parameters<StorageBackend["write"]>): ByteSink {
    const sink = super.write(...given);
    return {
      failed: sink.failed,
      write: (chunk) => sink.write(chunk),
      close: () => this.#logged("write", given[0], sink.close()),
      abort: (reason) => this.#logged("abort", given[0], sink.abort(reason)),
    };
  }
  override head(...given: Parameters<StorageBackend["head"]>): ReturnType<StorageBackend["head"]> {
    return this.#logged("head", given[0], super.head(...given));
  }
  override delete(...given: Parameters<StorageBackend["delete"]>): Promise<void> {
    return this.#logged("delete", given[0].join(", "), super.delete(...given));
  }
  override list(...given: Parameters<StorageBackend["list"]>): ReturnType<StorageBackend["list"]> {
    this.log(`list ${given[0]}`);
    return super.list(...given);
  }
  override copy(...given: Parameters<StorageBackend["copy"]>): Promise<void> {
    return this.#logged("copy", `${given[0]} to ${given[1]}`, super.copy(...given));
  }
  async #logged<T>(call: string, key: string, result: Promise<T>): Promise<T> {
    const start = performance.now();
    const duration = (): string => `${Math.round(performance.now() - start)} ms`;
    try {
      const value = await result;
      this.log(`${call} ${key}: ${duration()}`);
      return value;
    } catch (error) {
      this.log(`${call} ${key}: ${(error as Error).name} after ${duration()}`);
      throw error;
    }
  }
}

if (import.meta.main) {
  const storage = new Storage(new LoggingBackend(new MemoryStorage().backend, (line) => console.log(line)));
  await storage.save("a.txt", "hello"); // put a.txt: 0 ms
  await storage.copy("a.txt", "b.txt"); // copy a.txt to b.txt: 0 ms
  await storage.exists("c.txt"); // head c.txt: NotFoundError after 0 ms
}
