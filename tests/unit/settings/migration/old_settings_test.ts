import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../../src/errors.ts";
import { S3Storage } from "../../../../src/s3/s3_storage.ts";
import type { NamedSettings } from "../../../../src/settings/named_settings.ts";
import { OLD_SETTINGS } from "../../../../src/settings/migration/old_settings.ts";
import { OPTIONS } from "../../../../src/settings/options.ts";
import { OLD_SETTING_NAME } from "../../../../src/settings/sources.ts";

Deno.test("fromSettings() refuses exactly the old settings with the advice to migrate", () => {
  const old = [...OLD_SETTINGS.keys()].filter((name) => /^(AWS|S3)_/.test(name));
  assertEquals(old.filter((name) => !OLD_SETTING_NAME.test(name)), []);
  for (const name of old) {
    const { message } = assertThrows(
      () => S3Storage.fromSettings({ [name]: true } as NamedSettings),
      ConfigurationError,
    );
    assertStringIncludes(message, `${name} was removed: migrateSettings()`);
  }
  const today = Object.values(OPTIONS).flatMap(({ names }) => names);
  assertEquals(today.filter((name) => OLD_SETTING_NAME.test(name)), []);
});

Deno.test("a storage refuses environment variables with names from before boto3", () => {
  Deno.env.set("AWS_S3_HOST", "s3.example.com");
  try {
    const { message } = assertThrows(() => new S3Storage({ bucketName: "media" }), ConfigurationError);
    assertEquals(
      message,
      "Environment variable AWS_S3_HOST is not supported: migrateSettings() of @storages/s3/migration converts it",
    );
    Deno.env.set("AWS_S3_HOST", ""); // an empty variable is treated as unset
    new S3Storage({ bucketName: "media" });
  } finally {
    Deno.env.delete("AWS_S3_HOST");
  }
});
