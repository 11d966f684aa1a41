import type { AwsHostChoice } from "./hosts.ts";
import { partitionOf } from "./partitions.ts";

/** The domain of dual-stack hosts of services other than S3, by partition. Source: partitions.json of botocore. */
const DUALSTACK_DOMAINS: ReadonlyMap<string, string> = new Map([
  ["aws", "api.aws"],
  ["aws-cn", "api.amazonwebservices.com.cn"],
  ["aws-us-gov", "api.aws"],
  ["aws-iso", "api.aws.ic.gov"],
  ["aws-iso-b", "api.aws.scloud"],
  ["aws-iso-e", "api.cloud-aws.adc-e.uk"],
  ["aws-iso-f", "api.aws.hci.ic.gov"],
  ["aws-eusc", "api.amazonwebservices.eu"],
]);

/**
 * The host of a service other than S3 in a region.
 *
 * @param service The service's part of the host's name: `sts`, `oidc`, `portal.sso`.
 */
export function serviceHost(service: string, region: string, choice: Partial<AwsHostChoice> = {}): string {
  const { fips = false, dualstack = false } = choice;
  const { name, dnsSuffix } = partitionOf(region);
  // In GovCloud the ordinary hosts follow FIPS 140.
  const suffix = fips && (dualstack || name !== "aws-us-gov") ? "-fips" : "";
  return `${service}${suffix}.${region}.${dualstack ? DUALSTACK_DOMAINS.get(name) : dnsSuffix}`;
}
