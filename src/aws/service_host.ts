import { partitionOf } from "./partitions.ts";

/**
 * The host of a service other than S3 in a region.
 *
 * @param service The service's part of the host's name: `sts`, `oidc`, `portal.sso`.
 */
export function serviceHost(service: string, region: string): string {
  return `${service}.${region}.${partitionOf(region).dnsSuffix}`;
}
