import { ConfigurationError } from "../errors.ts";
import { parseAccessPoint } from "../aws/access_point.ts";
import { REGION_NAME } from "../settings/checks.ts";
import { realRegion } from "../aws/region.ts";
import { encodeRfc3986 } from "../signing/encode.ts";
import { awsDomain, awsHost, type AwsHostChoice } from "../aws/hosts.ts";

/** What decides where a bucket is reached. */
export interface EndpointSettings {
  readonly endpointUrl: URL | undefined;
  readonly addressingStyle: "auto" | "virtual" | "path";
  readonly useSsl: boolean;
  readonly useDualstackEndpoint?: boolean | undefined;
  readonly useFipsEndpoint?: boolean | undefined;
  readonly useAccelerateEndpoint?: boolean | undefined;
}

/** Where a bucket's objects live: `${origin}${path}${encodedKey}`. */
export interface BucketAddress {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Ends with a slash: `/` where the bucket is in the host, else `/bucket/`. */
  readonly path: string;
  /** The region to sign for: an access point's own, and the true one behind `aws-global` and `fips-us-east-1`. */
  readonly region: string;
  /** The service to sign for. */
  readonly service: "s3" | "s3-object-lambda" | "s3-outposts";
}

type Place = Pick<BucketAddress, "origin" | "path">;

/**
 * The address of a bucket, by the rules of botocore: virtual hosts on AWS, paths at an endpoint of one's own and for
 * names with dots, for which no wildcard certificate holds. An endpoint that already holds the bucket is left as it is.
 *
 * @param bucket A bucket's name or alias, or the ARN of an access point.
 * @throws {ConfigurationError} If the settings contradict each other, or the bucket cannot be reached so.
 */
export function bucketAddress(settings: EndpointSettings, regionName: string, bucket: string): BucketAddress {
  const { endpointUrl } = settings;
  if (endpointUrl !== undefined) refuseVariants(settings);
  const { region, fips } = realRegion(regionName);
  const choice = { dualstack: settings.useDualstackEndpoint === true, fips: fips || settings.useFipsEndpoint === true };
  if (bucket.startsWith("arn:")) return accessPointAddress(settings, choice, bucket);
  const place = endpointUrl === undefined
    ? onAws(settings, region, choice, bucket)
    : atEndpoint(settings, endpointUrl, bucket);
  return { ...place, region, service: "s3" };
}

/** @throws {ConfigurationError} If bucket, region and endpoint do not make an address together. */
export function checkAddress(
  settings: EndpointSettings & { readonly regionName: string; readonly bucketName: string },
): void {
  const { regionName, bucketName } = settings;
  const origin = REGION_NAME.test(regionName) ? bucketAddress(settings, regionName, bucketName).origin : regionName;
  if (URL.canParse(origin) && new URL(origin).origin === origin) return;
  throw new ConfigurationError(
    `bucketName, regionName, endpointUrl and addressingStyle make no address: ${origin} is not one`,
  );
}

function refuseVariants(settings: EndpointSettings): void {
  for (const option of ["useDualstackEndpoint", "useFipsEndpoint", "useAccelerateEndpoint"] as const) {
    if (settings[option]) {
      throw new ConfigurationError(`${option} chooses among the hosts of AWS, endpointUrl is one: give one of the two`);
    }
  }
}

function accessPointAddress(settings: EndpointSettings, choice: AwsHostChoice, arn: string): BucketAddress {
  const { service, region, label } = parseAccessPoint(arn);
  const unsupported = settings.useAccelerateEndpoint
    ? "useAccelerateEndpoint"
    : choice.dualstack && service !== "s3"
    ? "useDualstackEndpoint"
    : choice.fips && service === "s3-outposts"
    ? "useFipsEndpoint"
    : undefined;
  if (unsupported !== undefined) {
    throw new ConfigurationError(`${unsupported} cannot be used with this access point: ${arn}`);
  }
  if (settings.endpointUrl !== undefined) {
    return { ...withHost(settings.endpointUrl, label), region, service };
  }
  const host = awsHost(service === "s3" ? "s3-accesspoint" : service, region, choice);
  return { origin: `${scheme(settings)}://${label}.${host}`, path: "/", region, service };
}

/** Names that only look like buckets, and what stands in the way. */
const RESERVED: readonly (readonly [suffix: RegExp, obstacle: string])[] = [
  [/--xa?-s3$/, "a directory bucket of S3 Express, which takes only sessions (CreateSession)"],
  [/--op-s3$/, "the alias of an access point on Outposts: give the access point's ARN"],
];

function onAws(settings: EndpointSettings, region: string, choice: AwsHostChoice, bucket: string): Place {
  const { addressingStyle: style, useAccelerateEndpoint, useSsl } = settings;
  for (const [suffix, obstacle] of RESERVED) {
    if (suffix.test(bucket)) throw new ConfigurationError(`Cannot reach the bucket ${bucket}: it is ${obstacle}`);
  }
  const host = useAccelerateEndpoint ? accelerateHost(settings, region, choice, bucket) : awsHost("s3", region, choice);
  // Certificates hold for one label below the host, so dots do no harm only where there are none.
  const isName = style === "virtual" && !useSsl && !useAccelerateEndpoint ? isHostName : isBucketLabel;
  if (style !== "path" && isName(bucket)) {
    return { origin: `${scheme(settings)}://${bucket}.${host}`, path: "/" };
  }
  if (style === "virtual") throw notVirtual(bucket, host);
  return { origin: `${scheme(settings)}://${host}`, path: `/${encodeRfc3986(bucket)}/` };
}

function accelerateHost(settings: EndpointSettings, region: string, choice: AwsHostChoice, bucket: string): string {
  const domain = awsDomain(region);
  const obstacle = settings.addressingStyle === "path"
    ? 'addressingStyle "path"'
    : !isBucketLabel(bucket)
    ? `the bucket name "${bucket}", which must be lower-case letters, digits and hyphens`
    : choice.fips
    ? "FIPS endpoints"
    : domain.endsWith(".cn")
    ? `the region ${region}`
    : undefined;
  if (obstacle !== undefined) throw new ConfigurationError(`useAccelerateEndpoint cannot be used with ${obstacle}`);
  return `s3-accelerate${choice.dualstack ? ".dualstack" : ""}.${domain}`;
}

/** The style says where the bucket stands; where it stands there already, it is not put there again. */
function atEndpoint({ addressingStyle: style }: EndpointSettings, endpoint: URL, bucket: string): Place {
  const { origin, host, hostname } = endpoint;
  const path = prefix(endpoint);
  if (style !== "path" && holdsBucket(hostname, bucket)) return { origin, path };
  if (style === "virtual" || (style === "auto" && host.startsWith("s3-accelerate."))) {
    const isIp = /^\[|^[\d.]+$/.test(hostname);
    if (isIp || !isHostName(bucket)) throw notVirtual(bucket, host);
    return withHost(endpoint, bucket);
  }
  const folder = `${encodeRfc3986(bucket)}/`;
  return { origin, path: path.endsWith(`/${folder}`) ? path : path + folder };
}

/**
 * Whether a host is the bucket's own, as providers show it: `media.nyc3.digitaloceanspaces.com`. The three labels tell
 * it from a server that happens to have the bucket's name: `media.example.com`.
 */
function holdsBucket(hostname: string, bucket: string): boolean {
  return hostname.startsWith(`${bucket}.`) && hostname.slice(bucket.length + 1).split(".").length >= 3;
}

function withHost(endpoint: URL, label: string): Place {
  return { origin: `${endpoint.protocol}//${label}.${endpoint.host}`, path: prefix(endpoint) };
}

function prefix({ pathname }: URL): string {
  return pathname.endsWith("/") ? pathname : `${pathname}/`;
}

function scheme({ useSsl }: EndpointSettings): string {
  return useSsl ? "https" : "http";
}

/** Whether a name of AWS's length can stand in a host's name under a wildcard certificate. */
function isBucketLabel(bucket: string): boolean {
  return /^[a-z\d][a-z\d-]{1,61}[a-z\d]$/.test(bucket);
}

function isHostName(bucket: string): boolean {
  return bucket.split(".").every((label) => /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/.test(label));
}

function notVirtual(bucket: string, host: string): ConfigurationError {
  return new ConfigurationError(
    `addressingStyle "virtual" makes no host of the bucket "${bucket}" and ${host}: use "path" or "auto"`,
  );
}
