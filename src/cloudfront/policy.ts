import { checkTime, invalidArgument, invalidNumber, type NoneMissing } from "../kit/values/argument.ts";
import { checkOptions } from "../kit/values/options.ts";

/**
 * The limits of a signature: its lifetime and its viewers.
 *
 * @example
 * ```ts
 * import { type CloudFrontPolicyOptions, cloudFrontPolicy } from "@storages/s3/cloudfront";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const options: CloudFrontPolicyOptions = { expiresAt: new Date("2030-01-01T00:00:00Z"), ipAddress: "203.0.113.7" };
 * assertStringIncludes(cloudFrontPolicy("https://cdn.example.com/*", options), '"AWS:SourceIp":"203.0.113.7/32"');
 * ```
 */
export interface CloudFrontPolicyOptions {
  /** When it expires. Either this or `expiresIn` is required. */
  readonly expiresAt?: Date | undefined;
  /** When it expires, in seconds from now. */
  readonly expiresIn?: number | undefined;
  /** When it becomes valid; without it, immediately. Requires a custom policy. */
  readonly startsAt?: Date | undefined;
  /**
   * The IPv4 address of the viewers, such as `"203.0.113.7"`, or a range such as `"203.0.113.0/24"`. Requires a custom
   * policy. CloudFront does not support IPv6 here: disable IPv6 in the distribution.
   */
  readonly ipAddress?: string | undefined;
}

const NAMES = ["expiresAt", "expiresIn", "startsAt", "ipAddress"] as const satisfies readonly (
  keyof CloudFrontPolicyOptions
)[];
type _Names = NoneMissing<Exclude<keyof CloudFrontPolicyOptions, typeof NAMES[number]>>;

/** The names of the options, for calls that take more. */
export const POLICY_OPTIONS: readonly string[] = NAMES;

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
 * @param options The expiration, the start and the viewers; `now` returns the time from which `expiresIn` is counted.
 * @returns The text to sign.
 * @throws {TypeError} If an option is unknown or of the wrong type, the resource is not percent-encoded, the IP address
 * is malformed, or not exactly one expiration is given.
 * @throws {RangeError} If a date or a duration is out of range, or the end is not after the start.
 *
 * @example
 * ```ts
 * import { cloudFrontPolicy } from "@storages/s3/cloudfront";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   cloudFrontPolicy("https://cdn.example.com/*", { expiresAt: new Date("2030-01-01T00:00:00Z") }),
 *   '{"Statement":[{"Resource":"https://cdn.example.com/*","Condition":{"DateLessThan":{"AWS:EpochTime":1893456000}}}]}',
 * );
 * ```
 */
export function cloudFrontPolicy(
  resource: string,
  options: CloudFrontPolicyOptions & { readonly now?: (() => Date) | undefined },
): string {
  const action = `write policy for '${resource}'`;
  checkOptions(action, options, NAMES, ["now"]);
  const { now } = options;
  if (now !== undefined && typeof now !== "function") throw invalidArgument(action, "now", "a function", now);
  return createPolicy(action, resource, options, now).text;
}

/**
 * Like {@linkcode cloudFrontPolicy}, but returns the parsed parts too, and does not check the names of the options.
 *
 * @param action What the policy is for, for messages: `sign 'https://cdn.example.com/a'`.
 */
export function createPolicy(
  action: string,
  resource: string,
  { expiresAt, expiresIn, startsAt, ipAddress }: CloudFrontPolicyOptions,
  now: () => Date = () => new Date(),
): Policy {
  if (typeof resource !== "string" || !/^[!#-[\]-~]+$/.test(resource)) {
    throw invalidArgument(action, "the resource", "percent-encoded", resource);
  }
  if ((expiresAt === undefined) === (expiresIn === undefined)) {
    throw new TypeError(`Cannot ${action}: exactly one of expiresAt and expiresIn must be given`);
  }
  const epoch = expiresIn === undefined ? epochSeconds(action, "expiresAt", expiresAt) : endOf(action, expiresIn, now);
  const condition: Record<string, Record<string, string | number>> = { DateLessThan: { "AWS:EpochTime": epoch } };
  if (ipAddress !== undefined) condition.IpAddress = { "AWS:SourceIp": addressRange(action, ipAddress) };
  if (startsAt !== undefined) {
    const start = epochSeconds(action, "startsAt", startsAt);
    if (start >= epoch) {
      throw new RangeError(`Cannot ${action}: startsAt must be before expiresAt (${epoch}), got ${start}`);
    }
    condition.DateGreaterThan = { "AWS:EpochTime": start };
  }
  return {
    text: JSON.stringify({ Statement: [{ Resource: resource, Condition: condition }] }),
    epoch,
    isPlain: startsAt === undefined && ipAddress === undefined,
  };
}

/** Converts a date to whole seconds, rounded down like in botocore, so that nothing is valid longer than requested. */
function epochSeconds(action: string, name: string, date: unknown): number {
  return Math.floor(checkTime(action, name, "a date from 1970 on", date) / 1000);
}

/** The last second that a `Date` can hold. */
const LAST_SECOND = 8.64e12;

/** The end of a lifetime that begins now, in whole seconds. */
function endOf(action: string, expiresIn: number, now: () => Date): number {
  const start = checkTime(action, "now", "a function that returns a valid Date", now());
  const end = typeof expiresIn === "number" && expiresIn > 0 ? Math.floor((start + expiresIn * 1000) / 1000) : NaN;
  if (end <= LAST_SECOND) return end;
  throw invalidNumber(action, "expiresIn", "more than 0 seconds and end at a valid date", expiresIn);
}

/** @throws {TypeError} If it is not an IPv4 address or range. */
function addressRange(action: string, ipAddress: string): string {
  const [address, bits = "32", ...more] = String(ipAddress).split("/");
  const isWithin = (text: string, limit: number): boolean => /^\d{1,3}$/.test(text) && Number(text) <= limit;
  const octets = address!.split(".");
  if (octets.length === 4 && more.length === 0 && octets.every((octet) => isWithin(octet, 255)) && isWithin(bits, 32)) {
    return `${address}/${bits}`;
  }
  throw invalidArgument(action, "ipAddress", "an IPv4 address or range", ipAddress);
}
