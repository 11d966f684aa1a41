import { ConfigurationError } from "../errors.ts";
import { parseAccessPoint } from "../aws/access_point.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { isInteger } from "../kit/values/integer.ts";
import { isRecord } from "../kit/values/record.ts";

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
  const isWhole = Number.isInteger(least);
  if (isWhole ? isInteger(value, least, most) : typeof value === "number" && value >= least && value <= most) return;
  const kind = isWhole ? "an integer" : "a number";
  throw new ConfigurationError(
    `${name} must be ${kind} of ${unit} from ${least} to ${most}, got ${formatValue(value)}`,
  );
}

/** @throws {ConfigurationError} If what should be an object of settings is none. */
export function checkRecord(what: string, value: unknown): void {
  if (!isRecord(value)) throw new ConfigurationError(`${what} must be an object, got ${formatValue(value)}`);
}

/** What a region's name may be: it becomes part of a host's name. */
export const REGION_NAME = /^[\w.-]+$/;
