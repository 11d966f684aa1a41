/**
 * Converts the settings of the old boto backend of django-storages to current ones. It is a separate entry, so that
 * bundles of the storage do not include it.
 *
 * ```ts ignore
 * import { migrateSettings } from "@storages/s3/migration";
 *
 * const { settings, changes } = migrateSettings({ AWS_STORAGE_BUCKET_NAME: "media", AWS_ORIGIN: "eu-west-1" });
 * for (const { message } of changes) console.log(message);
 * console.log(settings); // { AWS_STORAGE_BUCKET_NAME: "media", AWS_S3_REGION_NAME: "eu-west-1" }
 * ```
 *
 * @module
 */
export { migrateSettings, type SettingChange } from "./migrate.ts";
export { oldSettingAdvice } from "./old_settings.ts";
export type { NamedSettings } from "../named_settings.ts";
export { ConfigurationError } from "../../errors.ts";
