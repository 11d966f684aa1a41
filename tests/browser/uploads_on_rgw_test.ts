/** Chromium uploads from the page of the example to Ceph RGW, with the CORS rules of the bucket. */
import { assert, assertEquals } from "@std/assert";
import { S3Storage } from "../../mod.ts";
import { Presigner } from "../../src/signing/mod.ts";
import { RGW_INSTALL_HINT, type RgwServer, startRgw } from "../servers/rgw.ts";
import { Chromium, CHROMIUM_INSTALL_HINT, isChromiumInstalled } from "./chromium.ts";
import { BUCKET, sampleFile, startUploadService, UploadPage, WAYS } from "./upload_service.ts";

const MIB = 1024 ** 2;

/** Creates the bucket with the CORS rules of the example, which hide ETags from the page. */
async function makeBucket({ endpoint, accessKey, secretKey }: RgwServer, origin: string): Promise<void> {
  const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey };
  const root = new Presigner({ bucketUrl: endpoint, region: "us-east-1", credentials });
  const rules = "<CORSConfiguration><CORSRule>" +
    `<AllowedOrigin>${origin}</AllowedOrigin><AllowedMethod>POST</AllowedMethod><AllowedMethod>PUT</AllowedMethod>` +
    "<AllowedHeader>content-type</AllowedHeader></CORSRule></CORSConfiguration>";
  for (const [query, body] of [[{}, ""], [{ cors: "" }, rules]] as const) {
    const response = await fetch(root.url(BUCKET, { method: "PUT", query }), { method: "PUT", body });
    assertEquals([response.status, await response.text()], [200, ""]);
  }
}

const installed = await isChromiumInstalled();
const rgw = installed ? await startRgw() : { skipped: CHROMIUM_INSTALL_HINT };
const server = "skipped" in rgw ? undefined : rgw;

Deno.test({
  name: `Chromium uploads straight to Ceph RGW, by a form, by PUT and in parts${
    server ? "" : ` (${installed ? RGW_INSTALL_HINT : CHROMIUM_INSTALL_HINT})`
  }`,
  ignore: server === undefined,
  fn: async (context) => {
    const { endpoint, accessKey, secretKey, stop } = server!;
    const folder = await Deno.makeTempDir({ prefix: "storages-uploads-" });
    try {
      await using service = await startUploadService(server!);
      await makeBucket(server!, new URL(service.url).origin);
      const storage = new S3Storage({ bucketName: BUCKET, endpointUrl: endpoint, accessKey, secretKey });
      const stored = async (): Promise<string[]> =>
        (await Array.fromAsync(storage.list("uploads", { recursive: true }))).map(({ name }) => name);
      const file = await sampleFile(folder, "holiday film.mp4", 20_000_000);
      await using chromium = await Chromium.start();

      for (const way of WAYS) {
        await context.step(`${way}: the stored bytes are those of the file`, async () => {
          await using upload = await UploadPage.open(chromium, service.url);
          await upload.page.limitUpload(25_000_000);
          await upload.upload(way, file);
          assertEquals(await upload.ending(way), "Stored: holiday film.mp4");
          assert(
            (await upload.shown()).filter((share) => share > 0 && share < 1).length >= 3,
            "it showed the progress",
          );
          const [name, ...others] = await stored();
          assertEquals([others, (await storage.stat(name!)).contentType], [[], "video/mp4"]);
          const bytes = await (await storage.open(name!, "rb")).bytes();
          assert(bytes.length === file.bytes.length && bytes.every((byte, index) => byte === file.bytes[index]));
          await storage.delete(name!);
        });

        await context.step(`${way}: a page of another origin is refused`, async () => {
          await using upload = await UploadPage.open(chromium, service.url.replace("127.0.0.1", "localhost"));
          await upload.upload(way, file);
          assertEquals(
            await upload.ending(way),
            "Not stored: The connection failed, or the bucket's CORS rules refuse this page",
          );
          assertEquals(await stored(), []);
        });
      }

      await context.step("a file above the limit of the form is refused, and the page reports it", async () => {
        await using upload = await UploadPage.open(chromium, service.url);
        await upload.upload("form", await sampleFile(folder, "large.bin", 50 * MIB + 1));
        assertEquals([await upload.ending("form"), await stored()], ["Not stored: EntityTooLarge", []]);
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
      await stop();
    }
  },
});
