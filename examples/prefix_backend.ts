// deno-lint-ignore-file no-console -- the example prints its results
/** A backend that keeps all keys of another one below a prefix, such as one folder for each tenant. */
import {
  BackendWrapper,
  type ListedKey,
  MemoryStorage,
  type ObjectListOptions,
  type ObjectWriteOptions,
  Storage,
  type StorageBackend,
} from "@storages/s3/storage";

export class PrefixBackend extends BackendWrapper {
  constructor(inner: StorageBackend, readonly prefix: string) {
    super(inner);
  }
  override read(...[key, options]: Parameters<StorageBackend["read"]>): ReturnType<StorageBackend["read"]> {
    return super.read(this.prefix + key, options);
  }
  override put(...[key, body, options]: Parameters<StorageBackend["put"]>): ReturnType<StorageBackend["put"]> {
    return super.put(this.prefix + key, body, this.#prefixed(options));
  }
  override write(...[key, options]: Parameters<StorageBackend["write"]>): ReturnType<StorageBackend["write"]> {
    return super.write(this.prefix + key, this.#prefixed(options));
  }
  override head(...[key, options]: Parameters<StorageBackend["head"]>): ReturnType<StorageBackend["head"]> {
    return super.head(this.prefix + key, options);
  }
  override delete(...[keys, options]: Parameters<StorageBackend["delete"]>): Promise<void> {
    return super.delete(keys.map((key) => this.prefix + key), options);
  }
  override async *list(prefix: string, options: ObjectListOptions): AsyncIterable<ListedKey> {
    const withoutPrefix = (key: string): string => key.slice(this.prefix.length);
    const onOmitted: typeof options.onOmitted = (key, reason) => options.onOmitted?.(withoutPrefix(key), reason);
    const startAfter = options.startAfter && this.prefix + options.startAfter;
    for await (const entry of super.list(this.prefix + prefix, { ...options, startAfter, onOmitted })) {
      yield { ...entry, key: withoutPrefix(entry.key) };
    }
  }
  override copy(...[from, to, options]: Parameters<StorageBackend["copy"]>): Promise<void> {
    return super.copy(this.prefix + from, this.prefix + to, options);
  }
  override url(...[key, options]: Parameters<StorageBackend["url"]>): Promise<string> {
    return super.url(this.prefix + key, options);
  }
  override uri(key: string): string {
    return super.uri(this.prefix + key);
  }
  /** A key that the storage makes later needs the prefix too. */
  #prefixed({ uniqueKey, ...options }: ObjectWriteOptions): ObjectWriteOptions {
    return { ...options, uniqueKey: uniqueKey && (async () => this.prefix + await uniqueKey()) };
  }
}

if (import.meta.main) {
  const all = new MemoryStorage();
  await new Storage(new PrefixBackend(all.backend, "tenants/7/")).save("a.txt", "hello");
  for await (const { name } of all.list("", { recursive: true })) console.log(name); // tenants/7/a.txt
}
