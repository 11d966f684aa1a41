/** A group of AWS regions that shares accounts, a domain and ARNs with no other group. */
export interface Partition {
  /** Its name in ARNs: `arn:aws-cn:…`. */
  readonly name: string;
  /** How the names of its regions begin; empty for the first partition, which also gets every unknown region. */
  readonly regionPrefix: string;
  /** The domain that its hosts are below, dual-stack hosts of S3 included. */
  readonly dnsSuffix: string;
  /** Whether S3 has hosts that follow FIPS 140 there. */
  readonly hasFips: boolean;
}

/**
 * Every partition of AWS. Source: partitions.json and the endpoint rules of botocore 1.43.11, which
 * tests/vectors/partitions.json holds for each region.
 */
const PARTITIONS: readonly Partition[] = [
  { name: "aws-cn", regionPrefix: "cn-", dnsSuffix: "amazonaws.com.cn", hasFips: false },
  { name: "aws-us-gov", regionPrefix: "us-gov-", dnsSuffix: "amazonaws.com", hasFips: true },
  { name: "aws-iso", regionPrefix: "us-iso-", dnsSuffix: "c2s.ic.gov", hasFips: true },
  { name: "aws-iso-b", regionPrefix: "us-isob-", dnsSuffix: "sc2s.sgov.gov", hasFips: true },
  { name: "aws-iso-e", regionPrefix: "eu-isoe-", dnsSuffix: "cloud.adc-e.uk", hasFips: true },
  { name: "aws-iso-f", regionPrefix: "us-isof-", dnsSuffix: "csp.hci.ic.gov", hasFips: true },
  { name: "aws-eusc", regionPrefix: "eusc-", dnsSuffix: "amazonaws.eu", hasFips: true },
  { name: "aws", regionPrefix: "", dnsSuffix: "amazonaws.com", hasFips: true },
];

/** The partition of a region, whose name may be in capitals, as in a host's name. */
export function partitionOf(region: string): Partition {
  const name = region.toLowerCase();
  return PARTITIONS.find(({ regionPrefix }) => name.startsWith(regionPrefix))!;
}

/** The domain of AWS that a host is below, or that it is; `undefined` if there is none. */
export function awsDomainOf(host: string): string | undefined {
  const dotted = `.${host}`;
  return PARTITIONS.find(({ dnsSuffix }) => dotted.endsWith(`.${dnsSuffix}`))?.dnsSuffix;
}
