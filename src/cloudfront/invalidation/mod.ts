/**
 * Invalidates changed files in the caches of CloudFront. This is a separate entry, which `@storages/s3/cloudfront` does
 * not include.
 *
 * ```ts
 * import { createInvalidation, type InvalidationOptions } from "@storages/s3/cloudfront/invalidation";
 *
 * async function publish(credentials: InvalidationOptions["credentials"]): Promise<void> {
 *   await createInvalidation({ distributionId: "EDFDVBD6EXAMPLE", paths: ["/index.html", "/css/*"], credentials });
 * }
 * ```
 *
 * @module
 */
export { invalidationPath, invalidationPaths, type InvalidationPathsOptions } from "./invalidation_path.ts";
export { createInvalidation, type Invalidation, type InvalidationOptions } from "./create_invalidation.ts";
export type { CredentialProvider, Credentials } from "../../aws/credentials.ts";
