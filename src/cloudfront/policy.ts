/**
 * What a signature allows, and until when.
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
  /** When it ends. Either this or `expiresInSeconds` is needed. */
  readonly expires?: Date | undefined;
  /** When it ends, counted from now. */
  readonly expiresInSeconds?: number | undefined;
  /** When it begins; without it, at once. Makes a custom policy. */
  readonly starts?: Date | undefined;
  /**
   * The only viewer, or range of them, that it is for: an IPv4 address such as `"203.0.113.7"`, or a range such as
   * `"203.0.113.0/24"`. Makes a custom policy. CloudFront knows no IPv6 here: switch IPv6 off in the distribution.
   */
  readonly ipAddress?: string | undefined;
}

/** A policy's text, and what of it is needed elsewhere. */
export interface Policy {
  readonly text: string;
  /** The end, in whole seconds since 1970. */
  readonly epoch: number;
  /** Whether it holds a resource and an end and nothing else, as the policies do that CloudFront writes by itself. */
  readonly isPlain: boolean;
}

/**
 * Writes a policy statement: compact JSON, in the order that botocore and the AWS CLI write it.
 * With nothing but an end it is the text of a canned policy.
 *
 * AWS: "Create a policy statement for a signed URL that uses a custom policy", in the CloudFront Developer Guide.
 *
 * @param resource The URL, percent-encoded, that may be fetched. `*` stands for any characters, `?` for any one.
 * @param options Until when, from when, from where.
 * @param now What `expiresInSeconds` is counted from.
 * @returns The text to sign.
 * @throws {TypeError} If the resource is not percent-encoded, or there is not exactly one end.
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

/** As {@linkcode cloudFrontPolicy}, with what else is needed of it. */
export function createPolicy(resource: string, options: CloudFrontPolicyOptions, now: Date): Policy {
  const { expires, expiresInSeconds, starts, ipAddress } = options;
  if (!/^[!#-[\]-~]+$/.test(resource)) {
    throw new TypeError(`Cannot sign for '${resource}', as not all of its characters are percent-encoded`);
  }
  if ((expires === undefined) === (expiresInSeconds === undefined)) {
    throw new TypeError("Cannot sign: give either expires or expiresInSeconds");
  }
  if (expiresInSeconds !== undefined && !(expiresInSeconds > 0)) {
    throw new RangeError(`Cannot sign, as expiresInSeconds must be above 0: current value is ${expiresInSeconds}`);
  }
  const epoch = epochSeconds("expires", expires ?? new Date(now.getTime() + expiresInSeconds! * 1000));
  const condition: Record<string, Record<string, string | number>> = { DateLessThan: { "AWS:EpochTime": epoch } };
  if (ipAddress !== undefined) condition.IpAddress = { "AWS:SourceIp": addressRange(ipAddress) };
  if (starts !== undefined) {
    const start = epochSeconds("starts", starts);
    if (start >= epoch) throw new RangeError(`Cannot sign, as starts (${start}) is not before expires (${epoch})`);
    condition.DateGreaterThan = { "AWS:EpochTime": start };
  }
  return {
    text: JSON.stringify({ Statement: [{ Resource: resource, Condition: condition }] }),
    epoch,
    isPlain: starts === undefined && ipAddress === undefined,
  };
}

/** Whole seconds, cut off as botocore does it, so that nothing lasts longer than it was meant to. */
function epochSeconds(name: string, date: Date): number {
  const seconds = Math.floor(date.getTime() / 1000);
  if (!(seconds >= 0)) {
    throw new RangeError(`Cannot sign, as ${name} must be a date from 1970 on: current value is ${date}`);
  }
  return seconds;
}

function addressRange(ipAddress: string): string {
  const [address, bits = "32", ...more] = ipAddress.split("/");
  const isWithin = (text: string, limit: number): boolean => /^\d{1,3}$/.test(text) && Number(text) <= limit;
  const octets = address!.split(".");
  if (octets.length !== 4 || more.length > 0 || !octets.every((octet) => isWithin(octet, 255)) || !isWithin(bits, 32)) {
    throw new RangeError(`Cannot sign, as ipAddress must be an IPv4 address or range: current value is ${ipAddress}`);
  }
  return `${address}/${bits}`;
}
