import { ConfigurationError } from "../errors.ts";
import { parseAccessPoint } from "../aws/access_point.ts";
import { REGION_NAME } from "../settings/checks.ts";
import { realRegion } from "../aws/region.ts";
import { encodeRfc3986 } from "../signing/encode.ts";
import { awsHost, type AwsHostChoice } from "../aws/hosts.ts";
import { partitionOf } from "../aws/partitions.ts";

/** The settings that determine the address of a bucket. */
export interface EndpointSettings {
  readonly endpointUrl: URL | undefined;
  readonly addressingStyle: "auto" | "virtual" | "path";
  readonly useSsl: boolean;
  readonly useDualstackEndpoint?: boolean | undefined;
  readonly useFipsEndpoint?: boolean | undefined;
  readonly useAccelerateEndpoint?: boolean | undefined;
  readonly usEast1RegionalEndpoint?: "legacy" | "regional" | undefined;
}

/** The address of a bucket's objects: `${origin}${path}${encodedKey}`. */
export interface BucketAddress {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Ends with a slash: `/` if the host contains the bucket, otherwise `/bucket/`. */
  readonly path: string;
  /** The region to sign for: that of an access point, and the real one for `aws-global` and `fips-us-east-1`. */
  readonly region: string;
  /** The service to sign for. */
  readonly service: "s3" | "s3-object-lambda" | "s3-outposts";
}

type Place = Pick<BucketAddress, "origin" | "path">;

/**
 * Returns the address of a bucket by the rules of botocore: virtual hosts on AWS; paths at other endpoints, and for names with
 * dots, which wildcard certificates do not cover. An endpoint that already contains the bucket stays unchanged.
 *
 * @param bucket The name or alias of a bucket, or the ARN of an access point.
 * @throws {ConfigurationError} If settings contradict each other, or the bucket cannot be addressed with them.
 */
export function bucketAddress(settings: EndpointSettings, regionName: string, bucket: string): BucketAddress {
  const { endpointUrl } = settings;
  if (endpointUrl !== undefined) refuseVariants(settings);
  const { region, fips } = realRegion(regionName);
  const choice = {
    dualstack: settings.useDualstackEndpoint === true,
    fips: fips || settings.useFipsEndpoint === true,
    regional: settings.usEast1RegionalEndpoint === "regional",
  };
  if (bucket.startsWith("arn:")) return accessPointAddress(settings, choice, bucket);
  // AWS reserves the suffix, and botocore opens a session for it at any endpoint.
  if (/--xa?-s3$/.test(bucket)) {
    throw new ConfigurationError(
      `Cannot use bucket "${bucket}": it is a directory bucket of S3 Express, which requires sessions (CreateSession)`,
    );
  }
  const place = endpointUrl === undefined
    ? onAws(settings, region, choice, bucket)
    : atEndpoint(settings, endpointUrl, bucket);
  return { ...place, region, service: "s3" };
}

/** @throws {ConfigurationError} If bucket, region and endpoint do not form a valid address. */
export function checkAddress(
  settings: EndpointSettings & { readonly regionName: string; readonly bucketName: string },
): void {
  const { regionName, bucketName } = settings;
  if (!REGION_NAME.test(regionName)) {
    throw new ConfigurationError(`regionName "${regionName}" is not a valid region name`);
  }
  const { origin } = bucketAddress(settings, regionName, bucketName);
  if (URL.canParse(origin) && new URL(origin).origin === origin) return;
  throw new ConfigurationError(`bucketName, regionName and endpointUrl form an invalid origin: ${origin}`);
}

function refuseVariants(settings: EndpointSettings): void {
  for (const option of ["useDualstackEndpoint", "useFipsEndpoint", "useAccelerateEndpoint"] as const) {
    if (settings[option]) {
      throw new ConfigurationError(`${option} cannot be combined with endpointUrl`);
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

function onAws(settings: EndpointSettings, region: string, choice: AwsHostChoice, bucket: string): Place {
  const { addressingStyle: style, useAccelerateEndpoint, useSsl } = settings;
  if (/--op-s3$/.test(bucket)) {
    throw new ConfigurationError(
      `Cannot use bucket "${bucket}": it is the alias of an access point on Outposts. Use the ARN of the access point`,
    );
  }
  const host = useAccelerateEndpoint ? accelerateHost(settings, region, choice, bucket) : awsHost("s3", region, choice);
  // Certificates cover one label below the host, so names with dots work only without TLS.
  const isName = style === "virtual" && !useSsl && !useAccelerateEndpoint ? isHostName : isBucketLabel;
  if (style !== "path" && isName(bucket)) {
    return { origin: `${scheme(settings)}://${bucket}.${host}`, path: "/" };
  }
  if (style === "virtual") throw notVirtual(bucket, host);
  return { origin: `${scheme(settings)}://${host}`, path: `/${encodeRfc3986(bucket)}/` };
}

function accelerateHost(settings: EndpointSettings, region: string, choice: AwsHostChoice, bucket: string): string {
  const { name: partition, dnsSuffix } = partitionOf(region);
  const obstacle = settings.addressingStyle === "path"
    ? 'addressingStyle "path"'
    : !isBucketLabel(bucket)
    ? `the bucket name "${bucket}", which must be lower-case letters, digits and hyphens`
    : choice.fips
    ? "FIPS endpoints"
    : partition === "aws-cn"
    ? `the region ${region}`
    : undefined;
  if (obstacle !== undefined) throw new ConfigurationError(`useAccelerateEndpoint cannot be used with ${obstacle}`);
  return `s3-accelerate${choice.dualstack ? ".dualstack" : ""}.${dnsSuffix}`;
}

/** Adds the bucket to the host or the path by the addressing style, unless it is already there. */
function atEndpoint({ addressingStyle: style }: EndpointSettings, endpoint: URL, bucket: string): Place {
  const { origin, host, hostname } = endpoint;
  const path = prefix(endpoint);
  if (style !== "path" && holdsBucket(hostname, bucket)) return { origin, path };
  // An IP address has no subdomains: as in boto3, its buckets are in the path.
  const isIp = /^\[|^[\d.]+$/.test(hostname);
  if ((style === "virtual" && !isIp) || (style === "auto" && host.startsWith("s3-accelerate."))) {
    if (!isHostName(bucket)) throw notVirtual(bucket, host);
    return withHost(endpoint, bucket);
  }
  const folder = `${encodeRfc3986(bucket)}/`;
  return { origin, path: path.endsWith(`/${folder}`) ? path : path + folder };
}

/**
 * Hosts that providers show behind the bucket: `media.nyc3.digitaloceanspaces.com`, `media.s3.example.com`. Any other server
 * may happen to have the bucket's name: `minio.minio.svc`, also in a namespace of Kubernetes that is called `s3`.
 */
const HOLDS_BUCKETS =
  /^(s3[.-](?!svc\b)|oss-|cos\.|t3\.|storage\.(google|yandex)|[^.]+\.(digitalocean|linode|vultr|your-|storage\.tigris)|[^.]{32}\.(eu\.)?r2\.)/;

function holdsBucket(hostname: string, bucket: string): boolean {
  return hostname.startsWith(`${bucket}.`) && HOLDS_BUCKETS.test(hostname.slice(bucket.length + 1));
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

/** Whether a name of the length AWS allows can be the first label of a host under a wildcard certificate. */
function isBucketLabel(bucket: string): boolean {
  return /^[a-z\d][a-z\d-]{1,61}[a-z\d]$/.test(bucket);
}

function isHostName(bucket: string): boolean {
  return bucket.split(".").every((label) => /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/.test(label));
}

function notVirtual(bucket: string, host: string): ConfigurationError {
  return new ConfigurationError(
    `Bucket "${bucket}" cannot be used with addressingStyle "virtual" on ${host}: use "path" or "auto"`,
  );
}
