import { ConfigurationError } from "../errors.ts";
import { realRegion } from "./region.ts";

/** Which of the hosts that AWS has for a service in a region. */
export interface AwsHostChoice {
  readonly dualstack: boolean;
  readonly fips: boolean;
}

/**
 * What the names of regions begin with in each partition of AWS but the first; also in capitals, which mean the same in a
 * host's name. Source: botocore.
 */
const PARTITION = /^(cn|eusc|us-gov|(us|eu)-iso[bef]?)(?=-)/i;

/** A name that can be a label of a host's name. */
const REGION_LABEL = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i;

/** Partitions of AWS but the first, by what their regions' names begin with, and their domains. Source: botocore. */
const DOMAINS: Readonly<Record<string, string>> = {
  "cn": "amazonaws.com.cn",
  "eusc": "amazonaws.eu",
  "us-iso": "c2s.ic.gov",
  "us-isob": "sc2s.sgov.gov",
  "us-isof": "csp.hci.ic.gov",
  "eu-isoe": "cloud.adc-e.uk",
};

/** The domain of the partition that a region belongs to. */
export function awsDomain(region: string): string {
  return DOMAINS[partitionOf(region)] ?? "amazonaws.com";
}

function partitionOf(region: string): string {
  return PARTITION.exec(region)?.[0] ?? "";
}

/**
 * Whether a service may have requests signed for, and on AWS sent to, a region that it names: a single label, as it
 * becomes part of a host's name, and no pseudo region, behind which there is another. On AWS it must be of the same
 * partition.
 */
export function mayMoveTo(named: string, region: string, settings: { readonly endpointUrl: URL | undefined }): boolean {
  return REGION_LABEL.test(named) && realRegion(named).region === named &&
    (!isAws(settings) || partitionOf(named) === partitionOf(region));
}

/**
 * The host of a service in a region, without the bucket.
 *
 * @param service S3's part of the host's name: `s3`, `s3-accesspoint`.
 * @throws {ConfigurationError} If there is no such host.
 */
export function awsHost(service: string, region: string, { dualstack, fips }: AwsHostChoice): string {
  if (!REGION_LABEL.test(region)) {
    throw new ConfigurationError(
      `regionName must be the name of a region such as "eu-west-1": current value is "${region}"`,
    );
  }
  const domain = awsDomain(region);
  if (fips && domain === DOMAINS.cn) {
    throw new ConfigurationError(`There are no FIPS endpoints in China: current value of regionName is "${region}"`);
  }
  // us-east-1 keeps its name from before there were regions, and answers for every bucket there.
  if (service === "s3" && region === "us-east-1" && !dualstack && !fips) return `s3.${domain}`;
  return `${service}${fips ? "-fips" : ""}${dualstack ? ".dualstack" : ""}.${region}.${domain}`;
}

/** Whether the service is AWS, as far as its address tells: an endpoint of one's own may be in front of anything. */
export function isAws({ endpointUrl }: { readonly endpointUrl: URL | undefined }): boolean {
  return endpointUrl === undefined || /\.amazonaws\.com(\.cn)?$/.test(endpointUrl.hostname);
}
