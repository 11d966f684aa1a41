// deno-lint-ignore-file no-console -- the example prints its results
/**
 * Collect a site's static files into a bucket under hashed names, and link to them.
 *
 * @module
 */
import { collect, S3ManifestStaticStorage } from "@storages/s3/static";
import { createS3Server } from "@storages/s3/testing";

// A small site on disk, as a build writes it.
const folder = await Deno.makeTempDir();
const write = (name: string, text: string): Promise<void> => Deno.writeTextFile(`${folder}/${name}`, text);
await write("base.css", "@import 'theme.css';\nbody { background: url(paper.svg) }\n");
await write("theme.css", ":root { --ink: navy }\n");
await write("paper.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>\n");
await write("app.js", "import { hello } from './hello.js';\nhello();\n");
await write("hello.js", "export const hello = () => console.log('hello');\n");

const server = createS3Server({ buckets: ["site"] }); // instead of a real one
const storage = new S3ManifestStaticStorage({
  bucketName: "site",
  location: "static",
  customDomain: "cdn.example.com",
  accessKey: "testkey",
  secretKey: "testsecret",
  fetch: server.fetch,
});

const first = await collect(storage, {
  from: folder,
  onProgress: ({ kind, name, storedName }) => kind === "rewritten" && console.log(name, "→", storedName),
});
console.log(`${first.copied} files copied, ${first.postProcessed} hashed copies`);

// The URL for a page. It may be cached forever, since changed content gets another URL.
console.log(await storage.url("base.css"));
console.log(await storage.readText(await storage.storedName("base.css")));

// The next day one file has changed. Only that file, and the files that refer to it, are uploaded.
await write("theme.css", ":root { --ink: black }\n");
const second = await collect(storage, { from: folder, pruneAfterSeconds: 24 * 60 * 60 });
console.log(`${second.copied} file copied, ${second.unmodified} unmodified, ${second.postProcessed} hashed copies`);
console.log("to invalidate in a CDN:", second.changed.join(", "));

await Deno.remove(folder, { recursive: true });
