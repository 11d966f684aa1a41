// deno-lint-ignore-file no-console -- it prints its result
/** Sends a request to each endpoint, and prints the codes and messages of the errors. Its arguments are the endpoints. */
import { isStorageError, S3Storage } from "../../mod.ts";

const globals = globalThis as { readonly process?: { readonly argv: readonly string[] } };

const failures: [code: string, message: string][] = [];
for (const endpointUrl of globals.process!.argv.slice(2)) {
  const storage = new S3Storage({
    bucketName: "media",
    endpointUrl,
    accessKey: "id",
    secretKey: "secret",
    clientConfig: { maxAttempts: 1, timeout: 10 },
  });
  try {
    await storage.save("a.txt", "storage contents");
    failures.push(["none", ""]);
  } catch (error) {
    failures.push([isStorageError(error) ? error.code : "other", (error as Error).message]);
  }
}
console.log(JSON.stringify(failures));
