// deno-lint-ignore-file no-console -- what users write
/** Programs with other storages, backends and static files, that compile. */
import { collect, ManifestStaticStorage, S3ManifestStaticStorage, type StaticSource } from "@storages/s3/static";
import {
  BackendWrapper,
  type ByteSink,
  type ByteSource,
  LocalStorage,
  MemoryStorage,
  type ObjectReadOptions,
  type ObjectWriteOptions,
  Storage,
  type StorageBackend,
} from "@storages/s3/storage";

export async function choosesAStorage(isTest: boolean): Promise<string> {
  const storage: Storage = isTest
    ? new MemoryStorage({ now: () => new Date() })
    : new LocalStorage("media", { location: "a" });
  return await storage.save("a.txt", "text");
}

export class UpperCaseBackend extends BackendWrapper {
  override read(key: string, options: ObjectReadOptions): Promise<ByteSource> {
    return super.read(key.toUpperCase(), options);
  }

  override write(key: string, options: ObjectWriteOptions): ByteSink {
    return super.write(key.toUpperCase(), options);
  }
}

export function wrapsABackend(inner: StorageBackend): Storage {
  return new Storage(new UpperCaseBackend(inner), { location: "a", fileOverwrite: false });
}

export class DatedStorage extends MemoryStorage {
  override generateFilename(path: string): string {
    return `2026/${super.generateFilename(path)}`;
  }

  override getAlternativeName(root: string, extension: string): string {
    return `${root}-copy${extension}`;
  }
}

export async function publishesStaticFiles(): Promise<string> {
  const storage = new S3ManifestStaticStorage({ bucketName: "static", manifestStrict: false, location: "static" });
  const { copied, deleted } = await collect(storage, {
    from: ["assets", sources()],
    ignore: ["*.map"],
    precompress: { encodings: ["gzip", "br"], as: "siblings" },
    onProgress: ({ kind, name }) => console.log(kind, name),
  });
  return `${copied} ${deleted} ${await storage.url("css/site.css")}`;
}

async function* sources(): StaticSource {
  const bytes = new TextEncoder().encode("body {}");
  yield { name: "css/site.css", size: bytes.length, stream: () => new Blob([bytes]).stream() };
}

export function hashesNamesOfAnyStorage(): ManifestStaticStorage {
  return new ManifestStaticStorage(new MemoryStorage({ baseUrl: "/static/" }), { manifestName: "files.json" });
}
