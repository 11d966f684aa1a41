/**
 * The conversion of one old setting.
 *
 * @example
 * ```ts
 * import { migrateSettings, type SettingChange } from "@storages/s3/migration";
 * import { assertEquals } from "@std/assert";
 *
 * const changes: readonly SettingChange[] = migrateSettings({ AWS_ORIGIN: "eu-west-1" }).changes;
 * assertEquals([changes[0]?.from, changes[0]?.to], ["AWS_ORIGIN", "AWS_S3_REGION_NAME"]);
 * ```
 */
export interface SettingChange {
  /** The old setting, or a member of boto3's configuration: `AWS_S3_CLIENT_CONFIG.read_timeout`. */
  readonly from: string;
  /** The setting or the member that replaces it; `undefined` if there is none. */
  readonly to: string | undefined;
  /** What was converted, and what to do if there is no replacement. */
  readonly message: string;
}
