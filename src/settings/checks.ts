import { ConfigurationError } from "../errors.ts";
import { parseAccessPoint } from "../aws/access_point.ts";

/**
 * Compatible servers take bucket names that AWS does not, so only what no URL could carry is refused.
 *
 * @param name A bucket's name, or an access point's ARN.
 * @throws {ConfigurationError} If the name cannot be a bucket's.
 */
export function checkBucketName(name: string): void {
  if (name.startsWith("arn:")) return void parseAccessPoint(name);
  if (name.length > 255 || !/^[^\s/\\?#%\p{Cc}]+$/u.test(name) || name === "." || name === "..") {
    throw new ConfigurationError(
      `bucketName must be the bucket's name alone, without slashes or spaces: current value is "${name}"`,
    );
  }
}

/**
 * @returns The URL, parsed, without a trailing slash in its path.
 * @throws {ConfigurationError} If it is not an http or https URL, or holds more than a host, a port and a path.
 */
export function checkEndpointUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.username || url?.password) {
    throw new ConfigurationError("endpointUrl must not hold a user name or password: use accessKey and secretKey");
  }
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new ConfigurationError(
      `endpointUrl must be an http or https URL such as "https://s3.example.com", without a query: ` +
        // What stands before an @ or in a query may be secret.
        `current value is "${text.replace(/^.*@|[?#].*$/gs, "…")}"`,
    );
  }
  return url;
}

/** @throws {ConfigurationError} If the value is no number from `least` to `most`; a whole one, but for fractional bounds. */
export function checkRange(name: string, value: unknown, least: number, most: number, unit: string): void {
  const whole = Number.isInteger(least);
  const right = whole ? Number.isSafeInteger(value) : typeof value === "number";
  if (right && value as number >= least && value as number <= most) return;
  throw new ConfigurationError(
    `${name} must be a ${whole ? "whole " : ""}number of ${unit} from ${least} to ${most}: current value is ${
      shown(value)
    }`,
  );
}

/** A value as messages show it: simple ones as they are, all others, which may not even be printable, by their type. */
export function shown(value: unknown): string {
  if (typeof value === "string") return `"${value}"`;
  return Object(value) === value ? `of type ${typeof value}` : String(value);
}

/** Whether a value is an object with members of its own, and no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws {ConfigurationError} If what should be an object of settings is none. */
export function checkRecord(what: string, value: unknown): void {
  if (!isRecord(value)) throw new ConfigurationError(`${what} must be an object: current value is ${shown(value)}`);
}

/** What a region's name may be: it becomes part of a host's name. */
export const REGION_NAME = /^[\w.-]+$/;
