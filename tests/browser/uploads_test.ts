/** Chromium uploads from the page of the example to the in-memory server, in each way of the page. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { S3Storage } from "../../mod.ts";
import { createS3Server } from "../../src/testing/mod.ts";
import { Chromium, CHROMIUM_INSTALL_HINT, isChromiumInstalled } from "./chromium.ts";
import { BUCKET, sampleFile, startUploadService, UploadPage, WAYS } from "./upload_service.ts";

const MIB = 1024 ** 2;
const KEYS = { accessKey: "testkey", secretKey: "testsecret" };
const installed = await isChromiumInstalled();

Deno.test({
  name: `Chromium uploads straight to the server, by a form, by PUT and in parts${
    installed ? "" : ` (${CHROMIUM_INSTALL_HINT})`
  }`,
  ignore: !installed,
  fn: async (context) => {
    const s3 = createS3Server({ buckets: [BUCKET], cors: true });
    const answering = new Set<Promise<Response>>();
    const line = new Line();
    await using http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const answer = s3.fetch(line.through(request));
      answering.add(answer);
      return await answer.finally(() => answering.delete(answer));
    });
    const endpoint = `http://127.0.0.1:${http.addr.port}`;
    const storage = new S3Storage({ bucketName: BUCKET, endpointUrl: endpoint, ...KEYS });
    const folder = await Deno.makeTempDir({ prefix: "storages-uploads-" });
    try {
      const file = await sampleFile(folder, "holiday film.mp4", 20_000_000);
      const large = await sampleFile(folder, "large.bin", 50 * MIB + 1);
      await using service = await startUploadService({ endpoint, ...KEYS });
      await using chromium = await Chromium.start();
      const clear = async (): Promise<void> => {
        await storage.deleteMany(s3.objects(BUCKET).map(({ key }) => key));
        for (const { key, uploadId } of s3.openUploads(BUCKET)) await storage.uploads.abort(key, uploadId);
      };

      for (const way of WAYS) {
        await context.step(
          `${way}: the page shows the progress, and the stored bytes are those of the file`,
          async () => {
            await using upload = await UploadPage.open(chromium, service.url);
            await upload.page.limitUpload(10_000_000); // progress is reported every 50 ms, or later on a busy machine
            await upload.upload(way, file);
            assertEquals(await upload.ending(way), "Stored: holiday film.mp4");
            const shown = await upload.shown();
            assert(shown.filter((share) => share > 0 && share < 1).length >= 3, `it went on: ${shown}`);
            assertEquals([shown.toSorted((a, b) => a - b), shown.at(-1)], [shown, 1]);
            const [object, ...others] = s3.objects(BUCKET);
            assertMatch(object!.key, /^uploads\/[0-9a-f-]{36}\/holiday_film\.mp4$/);
            assertEquals([others, object!.contentType, object!.partCount], [
              [],
              "video/mp4",
              way === "parts" ? 3 : undefined,
            ]);
            assert(equal(object!.bytes, file.bytes), "the stored bytes are those of the file");
            assertEquals(upload.page.errors, []);
            await clear();
          },
        );

        await context.step(`${way}: a cancelled upload leaves nothing`, async () => {
          await using upload = await UploadPage.open(chromium, service.url);
          line.stop();
          await upload.upload(way, file);
          await upload.halfWay(way);
          await upload.page.evaluate(`document.querySelector("[data-way=${way}] button").click()`);
          assertEquals(await upload.ending(way), "Cancelled");
          line.goOn();
          await Promise.allSettled(answering);
          assertEquals([s3.objects(BUCKET), s3.openUploads(BUCKET)], [[], []]);
          assertEquals(upload.page.errors, []);
        });

        await context.step(`${way}: closing the page during the upload leaves no file`, async () => {
          const upload = await UploadPage.open(chromium, service.url);
          line.stop();
          await upload.upload(way, file);
          await upload.halfWay(way);
          assert(answering.size > 0, "the server is receiving a request");
          await upload.page.close();
          line.goOn();
          await Promise.allSettled(answering);
          assertEquals(s3.objects(BUCKET), []);
          // The page is closed and cannot abort it: a lifecycle rule or the service has to.
          assertEquals(s3.openUploads(BUCKET).length, way === "parts" ? 1 : 0);
          await clear();
          assertEquals(s3.openUploads(BUCKET), []);
        });
      }

      await context.step("a file above the limit of the form is refused, and the page reports it", async () => {
        await using upload = await UploadPage.open(chromium, service.url);
        await upload.upload("form", large);
        assertEquals(
          await upload.ending("form"),
          "Not stored: Your proposed upload exceeds the maximum allowed size",
        );
        assertEquals(s3.objects(BUCKET), []);
        await upload.upload("parts", large);
        assertEquals(await upload.ending("parts"), "Stored: large.bin");
        assert(equal(s3.objects(BUCKET)[0]!.bytes, large.bytes), "uploads in parts have no size limit");
        assertEquals(upload.page.errors, []);
      });

      await context.step("the page asks for a file if none was chosen", async () => {
        await using upload = await UploadPage.open(chromium, service.url);
        const output = 'document.querySelector("[data-way=put] output").textContent';
        await upload.page.evaluate('document.querySelector("[data-way=put] button").click()');
        assertEquals(await upload.page.evaluate(output), "Choose a file first");
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** Bytes that the server reads of a paused request: with socket buffers, less than the file. */
const HELD_BYTES = 4_000_000;

/** A connection to the server that can be paused, so that an upload stays incomplete. */
class Line {
  #isStopped = false;
  #goesOn = Promise.withResolvers<void>();

  /** Forwards only the beginning of each request while paused, except the first part, which shows progress. */
  stop(): void {
    this.#isStopped = true;
    this.#goesOn = Promise.withResolvers();
  }

  goOn(): void {
    this.#isStopped = false;
    this.#goesOn.resolve();
  }

  through(request: Request): Request {
    if (request.body === null || new URL(request.url).searchParams.get("partNumber") === "1") return request;
    let bytes = 0;
    const transform = async (chunk: Uint8Array, controller: TransformStreamDefaultController): Promise<void> => {
      bytes += chunk.byteLength;
      if (this.#isStopped && bytes > HELD_BYTES) await this.#goesOn.promise;
      controller.enqueue(chunk);
    };
    return new Request(request, { body: request.body.pipeThrough(new TransformStream({ transform })) });
  }
}

/** Compares bytes; assertEquals is slow for millions of them. */
function equal(some: Uint8Array, others: Uint8Array): boolean {
  return some.length === others.length && some.every((byte, index) => byte === others[index]);
}
