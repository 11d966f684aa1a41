import { assert, assertEquals } from "@std/assert";
import { IntegrityError, type S3Storage } from "../../mod.ts";
import { pattern, rejection, type S3Case, streamOf } from "./case.ts";
import { gunzipped, gzipped } from "./runtime_gzip.ts";

const MEBIBYTE = 1024 * 1024;

/** Some 300 KB of style sheet, in which no two rules are the same. */
const CSS = Array.from({ length: 6000 }, (_, index) => {
  return `.rule-${index} { margin: ${index % 97}px; color: #${
    (index * 7919 % 0xffffff).toString(16).padStart(6, "0")
  } }\n`;
}).join("");

/** What fflate makes of it: the same on every runtime, or files would change their ETags with the machine that saves. */
const CSS_GZIP_SHA256 = "8a11cacd9380d86f1bfa98ccda6aa1b656673ebc8751ebaa776c684a7edb567c";

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function stored(storage: S3Storage, name: string): Promise<Uint8Array<ArrayBuffer>> {
  return await (await storage.open(name, "rb", { decompress: false })).bytes();
}

/** What `gzip` must do on any S3 server. */
export const gzipCases: S3Case[] = [
  {
    name: "gzip: every kind of content is stored as the same bytes on every runtime",
    async run({ open, peer }): Promise<void> {
      const storage = open({ gzip: true });
      const bytes = new TextEncoder().encode(CSS);
      await storage.save("text.css", CSS);
      await storage.save("bytes.css", bytes);
      await storage.save("blob.css", new Blob([bytes]));
      await storage.save("stream.css", streamOf(bytes, 1013));
      await storage.save("answer.css", new Response(CSS, { headers: { "content-type": "text/css" } }));
      const file = await storage.open("handle.css", "w");
      for (let offset = 0; offset < CSS.length; offset += 70_001) await file.write(CSS.slice(offset, offset + 70_001));
      await file.close();
      for (const name of ["text.css", "bytes.css", "blob.css", "stream.css", "answer.css", "handle.css"]) {
        const gzip = await stored(storage, name);
        assertEquals(gzip.slice(0, 10), new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3]), name);
        assertEquals(await sha256(gzip), CSS_GZIP_SHA256, name);
        const { size, contentType, contentEncoding } = await storage.stat(name);
        const type = name === "answer.css" ? "text/css" : "text/css; charset=utf-8"; // its own type is kept
        assertEquals([size, contentType, contentEncoding], [gzip.byteLength, type, "gzip"], name);
        assertEquals(await (await storage.open(name)).read(), CSS, name);
      }
      assertEquals(await gunzipped(await stored(storage, "text.css")), CSS);
      assertEquals(await peer.openUploads(storage.location), []);
    },
  },
  {
    name: "gzip: content of other types, or with an encoding, is stored unchanged",
    async run({ open }): Promise<void> {
      const storage = open({ gzip: true });
      const kept: [name: string, options: Record<string, string>][] = [
        ["a.html", {}],
        ["a.css", { contentType: "text/css; charset=utf-8" }],
        ["b.css", { contentEncoding: "identity" }],
        ["c.css", { contentEncoding: "" }],
        ["a.css.gz", {}],
      ];
      for (const [name, options] of kept) {
        await storage.save(name, "a {}", options);
        assertEquals(new TextDecoder().decode(await stored(storage, name)), "a {}", name);
        assertEquals(await (await storage.open(name)).read(), "a {}", name);
      }
      await storage.save("given", "a {}", { contentType: "text/css" });
      assertEquals((await storage.stat("given")).contentEncoding, "gzip");
      assertEquals((await stored(storage, "given"))[0], 0x1f);
    },
  },
  {
    name: "gzip: an empty file and one of several parts are read back unchanged",
    async run({ open, peer }): Promise<void> {
      const storage = open({
        gzip: true,
        gzipContentTypes: ["application/octet-stream"],
        transferConfig: { multipartThreshold: 5 * MEBIBYTE, partSize: 5 * MEBIBYTE },
      });
      await storage.save("empty", "");
      assertEquals([(await storage.size("empty")) > 0, await (await storage.open("empty")).read()], [true, ""]);
      const content = pattern(6 * MEBIBYTE); // which gzip makes no smaller
      await storage.save("large", content);
      assert((await storage.stat("large")).etag.endsWith('-2"'));
      const read = await (await storage.open("large", "rb")).bytes();
      assert(read.byteLength === content.byteLength && read.every((byte, index) => byte === content[index]));
      assertEquals(await peer.openUploads(storage.location), []);
    },
  },
  {
    name: "gzip: an object is read from any position, raw and decompressed",
    async run({ open }): Promise<void> {
      const storage = open();
      const gzip = await gzipped(CSS);
      await storage.save("a.css", gzip, { contentEncoding: "gzip" });
      const raw = await storage.open("a.css", "rb");
      const file = await storage.open("a.css", "rb", { decompress: true });
      assertEquals([raw.decompressed, file.decompressed, raw.size, file.size], [
        false,
        true,
        gzip.byteLength,
        gzip.byteLength,
      ]);
      for (const position of [5, 0, 20_000, 20_010, 3, gzip.byteLength - 1]) {
        await raw.seek(position);
        assertEquals(await raw.read(30), gzip.slice(position, position + 30), `stored, from ${position}`);
      }
      for (const position of [5, 0, 200_000, 200_100, 150_000, 3, CSS.length - 1, CSS.length, CSS.length + 9]) {
        await file.seek(position);
        const read = new TextDecoder().decode(await file.read(30));
        assertEquals(read, CSS.slice(position, position + 30), `decompressed, from ${position}`);
      }
      await raw.close();
      await file.close();
    },
  },
  {
    name: "gzip: all members of an object are read, also as text",
    async run({ open }): Promise<void> {
      const storage = open({ gzip: true });
      const members = await Promise.all(["héllo\r\n", "", CSS, "end"].map(gzipped));
      const gzip = new Uint8Array(await new Blob(members).arrayBuffer());
      await storage.save("a.txt", gzip, { contentEncoding: "gzip" });
      const file = await storage.open("a.txt");
      assertEquals([await file.read(4), await file.read(3)], ["héll", "o\n."]);
      assertEquals(await file.read(), `${CSS.slice(1)}end`);
      await file.close();
    },
  },
  {
    name: "gzip: corrupt or truncated data is an error at any position",
    async run({ open }): Promise<void> {
      const storage = open({ gzip: true });
      const gzip = await gzipped(CSS.slice(0, 5000));
      const broken: Record<string, Uint8Array<ArrayBuffer>> = {
        "a bit in the data": gzip.map((byte, index) => index === 400 ? byte ^ 4 : byte),
        "a bit in the checksum": gzip.map((byte, index) => index === gzip.byteLength - 7 ? byte ^ 4 : byte),
        "no end": gzip.slice(0, 500),
        "no checksum": gzip.slice(0, -8),
        "half a length": gzip.slice(0, -2),
        "half a header": gzip.slice(0, 5),
        "something after it": new Uint8Array([...gzip, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
      };
      for (const [name, bytes] of Object.entries(broken)) {
        await storage.save("a.css", bytes, { contentEncoding: "gzip" });
        const file = await storage.open("a.css", "rb");
        const error = await rejection(file.read());
        assert(error instanceof IntegrityError, `${name}: ${error}`);
        await file.close();
      }
    },
  },
  {
    name: "gzip: a copy and a URL have the stored bytes",
    async run({ open, peer }): Promise<void> {
      const storage = open({ gzip: true });
      await storage.save("a.css", CSS);
      await storage.copy("a.css", "b.css");
      assertEquals(await stored(storage, "b.css"), await stored(storage, "a.css"));
      assertEquals(await (await storage.open("b.css")).read(), CSS);
      const response = await peer.fetch(
        await storage.url("b.css", { parameters: { ResponseContentEncoding: "identity" } }),
      );
      assertEquals(await sha256(new Uint8Array(await response.arrayBuffer())), CSS_GZIP_SHA256);
    },
  },
];
