import { assertEquals } from "@std/assert";
import { type NamedSettings, S3Storage, type S3StorageOptions } from "../../../mod.ts";
import { migrateSettings } from "../../../src/settings/migration/mod.ts";
import { OPTIONS } from "../../../src/settings/options.ts";
import { readSource } from "../../house/source_files.ts";

Deno.test("NamedSettings has every setting, with its option", async () => {
  const source = await readSource("src/settings/named_settings.ts");
  const members = Array.from(
    source.matchAll(/The option `(\w+)`\. \*\/\s+readonly (\w+)\?:\s+(?:\| )?S3StorageOptions\["(\w+)"\]/g),
    ([, documented, name, option]) => [name, option, documented],
  );
  const rows = Object.entries(OPTIONS).flatMap(([option, { names }]) => names.map((name) => [name, option, option]));
  assertEquals(members, rows);
});

Deno.test("fromSettings() takes values, and text as in variables", () => {
  const text: NamedSettings = {
    AWS_STORAGE_BUCKET_NAME: "media",
    AWS_QUERYSTRING_AUTH: "false",
    AWS_S3_TRANSFER_CONFIG: '{"maxConcurrency":2}',
    AWS_S3_ADDRESSING_STYLE: "Path".toLowerCase(),
  };
  assertEquals(S3Storage.fromSettings(text).settings.querystringAuth, false);
  S3Storage.fromSettings({ AWS_STORAGE_BUCKET_NAME: "media", AWS_QUERYSTRING_AUTH: false, AWS_QUERYSTRING_EXPIRE: 60 });
  S3Storage.fromSettings(migrateSettings({ AWS_STORAGE_BUCKET_NAME: "media", AWS_ORIGIN: "eu-west-1" }).settings);
});

/** Only compiled: each line that is expected to fail has one mistake. */
export function doesNotCompile(): void {
  // @ts-expect-error: the name is misspelt
  S3Storage.fromSettings({ AWS_STORAGE_BUCKET: "media" });
  // @ts-expect-error: the value is no setting's
  S3Storage.fromSettings({ AWS_STORAGE_BUCKET_NAME: 5 });
  // @ts-expect-error: the value is no setting's
  S3Storage.fromSettings({ AWS_S3_OBJECT_PARAMETERS: 5 });

  class Media extends S3Storage {
    static override settings: S3StorageOptions = { addressingStyle: "path", defaultAcl: "public-read" };
  }
  class Thumbnails extends Media {
    static override settings: S3StorageOptions = { location: "thumbnails", defaultAcl: "an-acl-of-another-service" };
  }
  class Misspelt extends S3Storage {
    // @ts-expect-error: the name is misspelt
    static override settings: S3StorageOptions = { adressingStyle: "path" };
  }
  class Unknown extends S3Storage {
    // @ts-expect-error: the value is unknown
    static override settings: S3StorageOptions = { addressingStyle: "paths" };
  }
  new S3Storage({ objectParameters: { StorageClass: "GLACIER_IR", ACL: "private" } });
  new S3Storage({ objectParameters: { StorageClass: "A_CLASS_OF_ANOTHER_SERVICE" } });
  // @ts-expect-error: a storage class is text
  new S3Storage({ objectParameters: { StorageClass: 1 } });
  new S3Storage({ credentials: { accessKeyId: "a", secretAccessKey: "b" } });
  // @ts-expect-error: the member is misspelt
  new S3Storage({ credentials: { accessKey: "a", secretAccessKey: "b" } });
  void [Thumbnails, Misspelt, Unknown];
}
