/**
 * Converts the settings of the old boto backend of django-storages to current ones. It is a separate entry, so that
 * bundles of the storage do not include it.
 *
 * ```ts
 * import { migrateSettings } from "@storages/s3/migration";
 * import { assertEquals } from "@std/assert";
 *
 * const { settings, changes } = migrateSettings({ AWS_STORAGE_BUCKET_NAME: "media", AWS_ORIGIN: "eu-west-1" });
 * assertEquals(settings, { AWS_STORAGE_BUCKET_NAME: "media", AWS_S3_REGION_NAME: "eu-west-1" });
 * assertEquals(changes.map(({ from, to }) => [from, to]), [["AWS_ORIGIN", "AWS_S3_REGION_NAME"]]);
 * ```
 *
 * @module
 */
export { migrateSettings } from "./migrate.ts";
export type { SettingChange } from "./setting_change.ts";
export { oldSettingAdvice } from "./old_settings.ts";
export type { Boto3Config, Boto3TransferConfig, NamedSettings } from "../named_settings.ts";
export { ConfigurationError } from "../../errors.ts";
