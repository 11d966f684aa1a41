// deno-lint-ignore-file no-console -- results are passed to the test on standard output
/** Uses a storage with the permissions of the process; the first argument has the options of the storage. */
import { S3Storage, type S3StorageOptions } from "../../mod.ts";

const { options, expectsPrompts = false } = JSON.parse(Deno.args[0]!) as {
  options: S3StorageOptions;
  expectsPrompts?: boolean;
};
if (expectsPrompts) Deno.readTextFileSync("/etc/hostname");
const storage = new S3Storage(options);
const name = await storage.save("permissions.txt", "storage contents");
await using file = await storage.open(name);
const text = await file.text();
const [, names] = await storage.listdir("");
await storage.url(name);
await storage.delete(name);
console.log(text === "storage contents" && names.includes(name) ? "all went well" : "something is wrong");
