import { encodeRfc3986 } from "../signing/encode.ts";

/** What decides where a bucket is reached. */
export interface EndpointSettings {
  readonly endpointUrl: URL | undefined;
  readonly addressingStyle: "auto" | "virtual" | "path";
  readonly useSsl: boolean;
}

/** Where a bucket's objects live: `${origin}${path}${encodedKey}`. */
export interface BucketAddress {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Ends with a slash: `/` where the bucket is in the host, else `/bucket/`. */
  readonly path: string;
}

/**
 * The address of a bucket, by the rules of botocore: virtual hosts on AWS, paths at an endpoint of one's own and for
 * names with dots, for which no wildcard certificate holds.
 */
export function bucketAddress(settings: EndpointSettings, region: string, bucket: string): BucketAddress {
  const base = settings.endpointUrl ?? new URL(awsHost(settings, region));
  const prefix = base.pathname.endsWith("/") ? base.pathname : `${base.pathname}/`;
  if (isVirtual(settings, bucket)) {
    return { origin: `${base.protocol}//${bucket}.${base.host}`, path: prefix };
  }
  return { origin: base.origin, path: `${prefix}${encodeRfc3986(bucket)}/` };
}

function isVirtual(settings: EndpointSettings, bucket: string): boolean {
  if (settings.addressingStyle !== "auto") return settings.addressingStyle === "virtual";
  return settings.endpointUrl === undefined && isHostLabel(bucket);
}

/** Whether the bucket's name can stand in a host name under a wildcard certificate. */
function isHostLabel(bucket: string): boolean {
  return /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket);
}

function awsHost(settings: EndpointSettings, region: string): string {
  const scheme = settings.useSsl ? "https" : "http";
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  // us-east-1 keeps its name from before there were regions, and answers for every bucket there.
  const host = region === "us-east-1" ? `s3.${suffix}` : `s3.${region}.${suffix}`;
  return `${scheme}://${host}`;
}
