import { bucketAddress, type EndpointSettings } from "../client/endpoint.ts";
import { awsDomainOf } from "../aws/partitions.ts";
import { encodeKey, encodeRfc3986 } from "../signing/encode.ts";

/**
 * Identifies an object, independently of the addressing style: `s3://host/bucket/key`.
 *
 * @throws {ConfigurationError} If bucket, region and endpoint do not make a valid address.
 */
export function objectUri(settings: EndpointSettings & { regionName: string }, bucket: string, key: string): string {
  const { origin, path } = bucketAddress(settings, settings.regionName, bucket);
  const folder = `${encodeRfc3986(bucket)}/`;
  const isInPath = path.endsWith(`/${folder}`);
  let host = origin.replace(/^https?:\/\//, "");
  // In virtual-hosted style the bucket is in the host.
  if (!isInPath && host.startsWith(`${bucket}.`)) host = host.slice(bucket.length + 1);
  const domain = awsDomainOf(host);
  // GovCloud shares the domain of the partition `aws`, but not its bucket names.
  if (domain !== undefined) host = (host.includes("us-gov-") ? "us-gov-" : "") + domain;
  return `s3://${host}${isInPath ? path : path + folder}${encodeKey(key)}`;
}
