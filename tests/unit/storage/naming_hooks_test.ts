/** Overridden methods that choose names change what is stored, as in Django, on every storage. */
import { assertEquals, assertRejects } from "@std/assert";
import { fileField } from "../../../src/field/mod.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";
import { ManifestStaticStorage } from "../../../src/static/mod.ts";
import {
  AlreadyExistsError,
  type AvailableNameOptions,
  LocalStorage,
  MemoryStorage,
  NotSupportedError,
  type SaveContent,
  Storage,
} from "../../../src/storage/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { handleUpload } from "../../../src/upload/mod.ts";
import { BackendWrapper } from "../../../src/storage/contract/backend_wrapper.ts";

// deno-lint-ignore no-explicit-any -- what TypeScript asks of the constructor of a mixin
type StorageClass = new (...given: any[]) => Storage;

/** Adds overrides to a class of storages. */
type Overrides = <Base extends StorageClass>(base: Base) => Base;

/** Runs a test on each kind of storage, with the overrides. */
async function onEach(overrides: Overrides, run: (storage: Storage, kind: string) => Promise<void>): Promise<void> {
  for (const fileOverwrite of [true, false]) {
    await run(new (overrides(MemoryStorage))({ fileOverwrite }), `MemoryStorage ${fileOverwrite}`);
    const options: S3StorageOptions = {
      bucketName: "media",
      accessKey: "testkey",
      secretKey: "testsecret",
      fetch: createS3Server({ buckets: ["media"] }).fetch,
      fileOverwrite,
    };
    await run(new (overrides(S3Storage))(options), `S3Storage ${fileOverwrite}`);
    const folder = await Deno.makeTempDir({ prefix: "storages-test-" });
    await run(new (overrides(LocalStorage))(folder, { fileOverwrite }), `LocalStorage ${fileOverwrite}`);
    await Deno.remove(folder, { recursive: true });
  }
}

function contents(): SaveContent[] {
  const bytes = new TextEncoder().encode("hello");
  return ["hello", new Blob(["hello"]), new Blob(["hello"]).stream(), new Response(bytes)];
}

function form(name: string): Request {
  const body = new FormData();
  body.set("file", new File(["hello"], name, { type: "text/plain" }));
  return new Request("http://localhost/", { method: "POST", body });
}

Deno.test("save() stores content of every kind under the name of getAvailableName()", async () => {
  const overrides: Overrides = (base) =>
    class extends base {
      override async getAvailableName(name: string, options: AvailableNameOptions = {}): Promise<string> {
        return `${options.onExisting}/${options.maxLength}/${await Promise.resolve(name)}`;
      }
    };
  await onEach(overrides, async (storage, kind) => {
    for (const content of contents()) {
      assertEquals(
        await storage.save("a.txt", content, { onExisting: "replace", maxLength: 50 }),
        "replace/50/a.txt",
        kind,
      );
      await storage.delete("replace/50/a.txt");
    }
    const saved = await storage.save("a.txt", "hello", { onExisting: "rename", details: true });
    assertEquals(saved.name, "rename/undefined/a.txt", kind);
    assertEquals(await storage.exists("a.txt"), false, kind);
  });
});

Deno.test("save() refuses a name of getAvailableName() that leaves the location", async () => {
  const overrides: Overrides = (base) =>
    class extends base {
      override getAvailableName(name: string): Promise<string> {
        return Promise.resolve(`../${name}`);
      }
    };
  await onEach(overrides, async (storage, kind) => {
    const error = await assertRejects(() => storage.save("a.txt", "hello"));
    assertEquals((error as Error).name, "SuspiciousNameError", kind);
  });
});

Deno.test("save() refuses the name of a folder from an override", async () => {
  const available: Overrides = (base) =>
    class extends base {
      override getAvailableName(): Promise<string> {
        return Promise.resolve("docs/");
      }
    };
  const alternative: Overrides = (base) =>
    class extends base {
      override getAlternativeName(): string {
        return "";
      }
    };
  for (const overrides of [available, alternative]) {
    await onEach(overrides, async (storage, kind) => {
      if (overrides === alternative) await storage.save("docs/a.txt", "hello", { onExisting: "replace" });
      for (const content of contents()) {
        const error = await assertRejects(() => storage.save("docs/a.txt", content, { onExisting: "rename" }));
        assertEquals((error as Error).name, "SuspiciousNameError", kind);
      }
    });
  }
});

Deno.test("save() does not write again and again under a taken name that an override insists on", async () => {
  class Counting extends BackendWrapper {
    puts = 0;
    override put(...given: Parameters<BackendWrapper["put"]>): ReturnType<BackendWrapper["put"]> {
      this.puts++;
      return super.put(...given);
    }
  }
  class Fixed extends Storage {
    override getAvailableName(name: string): Promise<string> {
      return Promise.resolve(name);
    }
  }
  class Careless extends Storage {
    override isNameAvailable(): Promise<boolean> {
      return Promise.resolve(true);
    }
  }
  for (const kind of [Fixed, Careless]) {
    const backend = new Counting(new MemoryStorage().backend);
    const storage = new kind(backend, { fileOverwrite: false });
    await storage.save("a.txt", "first");
    await assertRejects(() => storage.save("a.txt", "second"), AlreadyExistsError, "File already exists: a.txt");
    assertEquals(backend.puts, 3);
  }
});

Deno.test("save() with a condition writes under the very name", async () => {
  // An override as in Django, which knows no options.
  const overrides: Overrides = (base) =>
    class extends base {
      override getAvailableName(name: string, options?: AvailableNameOptions): Promise<string> {
        return super.getAvailableName(name.toLowerCase(), options);
      }
    };
  await onEach(overrides, async (storage, kind) => {
    await storage.save("a.txt", "first");
    const { etag } = await storage.stat("a.txt");
    assertEquals(await storage.save("a.txt", "second", { ifMatch: etag }), "a.txt", kind);
    assertEquals(await storage.save("B.txt", "first", { ifNoneMatch: "*" }), "B.txt", kind);
  });
});

Deno.test("getAvailableName() tries 100 names", async () => {
  let asked = 0;
  class Full extends MemoryStorage {
    override exists(): Promise<boolean> {
      asked++;
      return Promise.resolve(true);
    }
  }
  const storage = new Full({ fileOverwrite: false });
  await assertRejects(() => storage.getAvailableName("a.txt"), AlreadyExistsError, "in 100 attempts");
  assertEquals(asked, 100);
});

Deno.test('handleUpload() with onExisting "replace" keeps the files that an override gives names of their own', async () => {
  class Keeping extends MemoryStorage {
    override getAvailableName(name: string, options?: AvailableNameOptions): Promise<string> {
      return super.getAvailableName(name, { ...options, onExisting: "rename" });
    }
  }
  const storage = new Keeping();
  const body = new FormData();
  for (const text of ["first", "second"]) body.append("file", new File([text], "a.txt", { type: "text/plain" }));
  const request = new Request("http://localhost/", { method: "POST", body });
  const { files } = await handleUpload(storage, request, { onExisting: "replace" });
  const texts = await Promise.all(files.map(async ({ name }) => await (await storage.open(name)).text()));
  assertEquals(texts, ["first", "second"]);
});

Deno.test("handleUpload() leaves no file of a failed form, also under the names of an override", async () => {
  class Dated extends MemoryStorage {
    override getAvailableName(name: string): Promise<string> {
      return Promise.resolve(`2026/${name}`);
    }
  }
  const storage = new Dated();
  const body = new FormData();
  for (const text of ["first", "second"]) body.append("file", new File([text], "a.txt", { type: "text/plain" }));
  body.append("file", new File(["refused"], "b.exe"));
  const request = new Request("http://localhost/", { method: "POST", body });
  await assertRejects(() => handleUpload(storage, request, { onExisting: "replace", accept: ["text/plain"] }));
  assertEquals(await storage.listdir("2026"), [[], []]);
});

Deno.test("save() makes other names by getAlternativeName()", async () => {
  const overrides: Overrides = (base) =>
    class extends base {
      #number = 1;
      override getAlternativeName(root: string, extension: string): string {
        return `${root} (${++this.#number})${extension}`;
      }
    };
  await onEach(overrides, async (storage, kind) => {
    const names: string[] = [];
    for (const content of contents()) names.push(await storage.save("docs/a.txt", content, { onExisting: "rename" }));
    assertEquals(names, ["docs/a.txt", "docs/a (2).txt", "docs/a (3).txt", "docs/a (4).txt"], kind);
    // Cut to fit: "docs/abcdef.txt" is taken, and "docs/abcdef (5).txt" has 4 characters too many.
    assertEquals(await storage.save("docs/abcdef.txt", "", { onExisting: "rename" }), "docs/abcdef.txt", kind);
    const short = await storage.save("docs/abcdef.txt", "", { onExisting: "rename", maxLength: 15 });
    assertEquals(short, "docs/ab (6).txt", kind);
  });
});

Deno.test("a name that no other writer may choose has random characters beside those of getAlternativeName()", async () => {
  /** A backend that cannot write without replacing, and so asks for a unique key. */
  class Unsafe extends BackendWrapper {
    override async put(...[key, body, options]: Parameters<BackendWrapper["put"]>): ReturnType<BackendWrapper["put"]> {
      return await super.put(await options.uniqueKey?.() ?? key, body, options);
    }
  }
  class Numbered extends Storage {
    override getAlternativeName(root: string, extension: string): string {
      return `${root} (2)${extension}`;
    }
  }
  const backend = new Unsafe(new MemoryStorage().backend);
  const plain = await new Storage(backend, { location: "x" }).save("a.txt", "hello", { onExisting: "rename" });
  assertEquals(/^a_[A-Za-z0-9]{7}\.txt$/.test(plain), true, plain);
  const numbered = await new Numbered(backend, { location: "y" }).save("a.txt", "hello", { onExisting: "rename" });
  assertEquals(/^a \(2\)_[A-Za-z0-9]{7}\.txt$/.test(numbered), true, numbered);
});

Deno.test("save() takes only a name that isNameAvailable() accepts", async () => {
  const overrides: Overrides = (base) =>
    class extends base {
      override async isNameAvailable(name: string, options?: AvailableNameOptions): Promise<boolean> {
        return name !== "reserved.txt" && await super.isNameAvailable(name, options);
      }
    };
  await onEach(overrides, async (storage, kind) => {
    const name = await storage.save("reserved.txt", "hello", { onExisting: "rename" });
    assertEquals(/^reserved_[A-Za-z0-9]{7}\.txt$/.test(name), true, kind);
    assertEquals(await storage.save("other.txt", "hello", { onExisting: "rename" }), "other.txt", kind);
  });
});

Deno.test("uploads and file fields make names safe by getValidName(), and paths by generateFilename()", async () => {
  const valid: Overrides = (base) =>
    class extends base {
      override getValidName(name: string): string {
        return super.getValidName(name).toLowerCase();
      }
    };
  await onEach(valid, async (storage, kind) => {
    assertEquals(storage.generateFilename("Docs/My File.TXT"), "Docs/my_file.txt", kind);
    const { files } = await handleUpload(storage, form("My File.TXT"));
    assertEquals(files.map(({ name }) => name), ["my_file.txt"], kind);
    const field = fileField(storage, { uploadTo: "Docs" });
    assertEquals((await field.save("My File.TXT", "hello")).name, "Docs/my_file.txt", kind);
  });
  const generated: Overrides = (base) =>
    class extends base {
      override generateFilename(path: string): string {
        return `generated/${super.generateFilename(path)}`;
      }
    };
  await onEach(generated, async (storage, kind) => {
    const { files } = await handleUpload(storage, form("a.txt"));
    assertEquals(files.map(({ name }) => name), ["generated/a.txt"], kind);
    const field = fileField(storage, { uploadTo: "docs" });
    assertEquals((await field.save("a.txt", "hello")).name, "generated/docs/a.txt", kind);
  });
});

Deno.test("a ManifestStaticStorage chooses names as the storage that it wraps", async () => {
  class Dated extends MemoryStorage {
    override getAvailableName(name: string): Promise<string> {
      return Promise.resolve(`2026/${name}`);
    }
    override getValidName(name: string): string {
      return name.toUpperCase();
    }
    override getAlternativeName(root: string, extension: string): string {
      return `${root}-other${extension}`;
    }
    override isNameAvailable(name: string): Promise<boolean> {
      return Promise.resolve(name !== "taken.txt");
    }
  }
  const storage = new ManifestStaticStorage(new Dated());
  assertEquals(await storage.save("a.txt", "hello"), "2026/a.txt");
  assertEquals(storage.generateFilename("x/a.txt"), "x/A.TXT");
  assertEquals(storage.getAlternativeName("a", ".txt"), "a-other.txt");
  assertEquals(await storage.isNameAvailable("taken.txt"), false);
});

Deno.test("a ManifestStaticStorage opens and identifies files by the methods of the storage that it wraps", async () => {
  class Own extends MemoryStorage {
    override uri(name: string): string {
      return `own:${name}`;
    }
  }
  const inner = new Own();
  await inner.save("a.txt", "hello");
  const opened: unknown[][] = [];
  inner.open = ((...given: Parameters<Storage["open"]>) => {
    opened.push(given);
    return MemoryStorage.prototype.open.apply(inner, given);
  }) as typeof inner.open;
  const storage = new ManifestStaticStorage(inner);
  assertEquals(storage.uri("a.txt"), "own:a.txt");
  assertEquals(await (await storage.open("a.txt")).text(), "hello");
  assertEquals(await (await storage.open("a.txt", "rb", { start: 1 })).text(), "ello");
  assertEquals(opened, [["a.txt"], ["a.txt", "rb", { start: 1 }]]);
});

Deno.test("a backend without conditional writes refuses what needs them, and one without copy copies by reading", async () => {
  class Plain extends BackendWrapper {
    override get capabilities(): BackendWrapper["capabilities"] {
      return { conditionalWrites: false, serverSideCopy: false, urls: false };
    }
    override copy(): Promise<void> {
      return Promise.reject(new Error("not implemented"));
    }
  }
  const storage = new Storage(new Plain(new MemoryStorage().backend));
  const described = { contentType: "text/x-a", cacheControl: "no-cache", metadata: { owner: "ada" } };
  await storage.save("a.txt", "hello", described);
  await storage.copy("a.txt", "b.txt");
  const { contentType, cacheControl, contentEncoding, metadata, size } = await storage.stat("b.txt");
  assertEquals({ contentType, cacheControl, metadata }, described);
  assertEquals([contentEncoding, size], [undefined, 5]);
  await storage.save("empty.txt", "");
  await storage.move("empty.txt", "moved.txt");
  assertEquals([await storage.exists("empty.txt"), await storage.size("moved.txt")], [false, 0]);
  for (const options of [{ onExisting: "rename" as const }, { ifMatch: "*" }, { ifNoneMatch: "*" as const }]) {
    const message = "this backend has no conditional writes";
    await assertRejects(() => storage.save("a.txt", "x", options), NotSupportedError, message);
    await assertRejects(() => storage.open("a.txt", "w", options), NotSupportedError, message);
  }
  await assertRejects(() => storage.url("a.txt"), NotSupportedError);
  assertEquals(await (await storage.open("a.txt")).text(), "hello");
});

Deno.test("text that is not UTF-8 fails with the name and the mode", async () => {
  const storage = new MemoryStorage();
  await storage.save("logo.png", new Uint8Array([0x89, 0x50, 0x4e, 0x47]));
  const file = await storage.open("logo.png");
  await assertRejects(
    () => file.read(),
    TypeError,
    `Cannot read 'logo.png' as text: its bytes are not UTF-8. Open it with mode "rb" to read bytes`,
  );
});
