/**
 * The limits of a signature: its lifetime and its viewers.
 *
 * @example
 * ```ts
 * import { type CloudFrontPolicyOptions, cloudFrontPolicy } from "@storages/s3/cloudfront";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const options: CloudFrontPolicyOptions = { expires: new Date("2030-01-01T00:00:00Z"), ipAddress: "203.0.113.7" };
 * assertStringIncludes(cloudFrontPolicy("https://cdn.example.com/*", options), '"AWS:SourceIp":"203.0.113.7/32"');
 * ```
 */
export interface CloudFrontPolicyOptions {
  /** When it expires. Either this or `expiresInSeconds` is required. */
  readonly expires?: Date | undefined;
  /** When it expires, in seconds from now. */
  readonly expiresInSeconds?: number | undefined;
  /** When it becomes valid; without it, immediately. Requires a custom policy. */
  readonly starts?: Date | undefined;
  /**
   * The IPv4 address of the viewers, such as `"203.0.113.7"`, or a range such as `"203.0.113.0/24"`. Requires a custom
   * policy. CloudFront does not support IPv6 here: disable IPv6 in the distribution.
   */
  readonly ipAddress?: string | undefined;
}

/** The text of a policy, and its parsed parts. */
export interface Policy {
  readonly text: string;
  /** The expiration, in whole seconds since 1970. */
  readonly epoch: number;
  /** Whether it has only a resource and an expiration, like the canned policies that CloudFront writes itself. */
  readonly isPlain: boolean;
}

/**
 * Writes a policy statement as compact JSON, in the member order of botocore and the AWS CLI. With only an expiration
 * it is the text of a canned policy.
 *
 * AWS: "Create a policy statement for a signed URL that uses a custom policy", in the CloudFront Developer Guide.
 *
 * @param resource The percent-encoded URL that may be fetched. `*` matches any characters, `?` matches one character.
 * @param options The expiration, the start and the viewers.
 * @param now The time from which `expiresInSeconds` is counted.
 * @returns The text to sign.
 * @throws {TypeError} If the resource is not percent-encoded, or not exactly one expiration is given.
 * @throws {RangeError} If a date, a duration or the IP address is invalid, or the end is not after the start.
 *
 * @example
 * ```ts
 * import { cloudFrontPolicy } from "@storages/s3/cloudfront";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   cloudFrontPolicy("https://cdn.example.com/*", { expires: new Date("2030-01-01T00:00:00Z") }),
 *   '{"Statement":[{"Resource":"https://cdn.example.com/*","Condition":{"DateLessThan":{"AWS:EpochTime":1893456000}}}]}',
 * );
 * ```
 */
export function cloudFrontPolicy(resource: string, options: CloudFrontPolicyOptions, now: Date = new Date()): string {
  return createPolicy(resource, options, now).text;
}

/** Like {@linkcode cloudFrontPolicy}, but returns the parsed parts too. */
export function createPolicy(resource: string, options: CloudFrontPolicyOptions, now: Date): Policy {
  const { expires, expiresInSeconds, starts, ipAddress } = options;
  if (!/^[!#-[\]-~]+$/.test(resource)) {
    throw new TypeError(`Cannot sign '${resource}': it must be percent-encoded`);
  }
  if ((expires === undefined) === (expiresInSeconds === undefined)) {
    throw new TypeError("Cannot sign: exactly one of expires and expiresInSeconds must be given");
  }
  if (expiresInSeconds !== undefined && !(expiresInSeconds > 0)) {
    throw new RangeError(`Cannot sign: expiresInSeconds must be more than 0, got ${expiresInSeconds}`);
  }
  const epoch = epochSeconds("expires", expires ?? new Date(now.getTime() + expiresInSeconds! * 1000));
  const condition: Record<string, Record<string, string | number>> = { DateLessThan: { "AWS:EpochTime": epoch } };
  if (ipAddress !== undefined) condition.IpAddress = { "AWS:SourceIp": addressRange(ipAddress) };
  if (starts !== undefined) {
    const start = epochSeconds("starts", starts);
    if (start >= epoch) throw new RangeError(`Cannot sign: starts must be before expires (${epoch}), got ${start}`);
    condition.DateGreaterThan = { "AWS:EpochTime": start };
  }
  return {
    text: JSON.stringify({ Statement: [{ Resource: resource, Condition: condition }] }),
    epoch,
    isPlain: starts === undefined && ipAddress === undefined,
  };
}

/** Converts a date to whole seconds, rounded down like in botocore, so that nothing is valid longer than requested. */
function epochSeconds(name: string, date: Date): number {
  const seconds = Math.floor(date.getTime() / 1000);
  if (!(seconds >= 0)) {
    throw new RangeError(`Cannot sign: ${name} must be a date from 1970 on, got ${date}`);
  }
  return seconds;
}

function addressRange(ipAddress: string): string {
  const [address, bits = "32", ...more] = ipAddress.split("/");
  const isWithin = (text: string, limit: number): boolean => /^\d{1,3}$/.test(text) && Number(text) <= limit;
  const octets = address!.split(".");
  if (octets.length !== 4 || more.length > 0 || !octets.every((octet) => isWithin(octet, 255)) || !isWithin(bits, 32)) {
    throw new RangeError(`Cannot sign: ipAddress must be an IPv4 address or range, got ${ipAddress}`);
  }
  return `${address}/${bits}`;
}
