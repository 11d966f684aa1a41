import { ConfigurationError } from "../errors.ts";
import { awsDomainOf, partitionOf } from "./partitions.ts";
import { realRegion } from "./region.ts";

/** Which of a service's hosts in a region to use. */
export interface AwsHostChoice {
  readonly dualstack: boolean;
  readonly fips: boolean;
  /** Whether the host of us-east-1 has the region in its name. */
  readonly regional?: boolean;
}

/** Region names that can be a label of a host name. */
const REGION_LABEL = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i;

/**
 * Whether requests may be signed for, and on AWS sent to, a region that a server names. The region must be a single
 * label, as it becomes part of a host name, and no pseudo region such as `aws-global`. On AWS it must be in the same
 * partition.
 */
export function mayMoveTo(named: string, region: string, settings: { readonly endpointUrl: URL | undefined }): boolean {
  return REGION_LABEL.test(named) && realRegion(named).region === named &&
    (!isAws(settings) || partitionOf(named) === partitionOf(region));
}

/**
 * The host of S3 in a region, without the bucket.
 *
 * @param service The service's part of the host name: `s3`, `s3-accesspoint`, `s3-object-lambda`, `s3-outposts`.
 * @throws {ConfigurationError} If the region's name is malformed, or its partition has no such host.
 */
export function awsHost(service: string, region: string, { dualstack, fips, regional }: AwsHostChoice): string {
  if (!REGION_LABEL.test(region)) throw new ConfigurationError(`regionName "${region}" is not a valid region name`);
  const { dnsSuffix, hasFips } = partitionOf(region);
  if (fips && !hasFips) {
    throw new ConfigurationError(
      `useFipsEndpoint cannot be combined with regionName "${region}": China has no FIPS hosts`,
    );
  }
  // The host of us-east-1 is older than regions: it has no region in its name.
  if (service === "s3" && region === "us-east-1" && !dualstack && !fips && !regional) return `s3.${dnsSuffix}`;
  return `${service}${fips ? "-fips" : ""}${dualstack ? ".dualstack" : ""}.${region}.${dnsSuffix}`;
}

/** Whether the server is AWS by its address. A custom endpoint outside the domains of AWS may lead to any server. */
export function isAws({ endpointUrl }: { readonly endpointUrl: URL | undefined }): boolean {
  return endpointUrl === undefined || awsDomainOf(endpointUrl.hostname) !== undefined;
}
