import { ConfigurationError } from "../errors.ts";
import { parseAccessPoint } from "../aws/access_point.ts";
import { trimEnd } from "../kit/text/trim_end.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { isInteger } from "../kit/values/integer.ts";
import { isRecord } from "../kit/values/record.ts";

/**
 * Checks a bucket's name. Other servers accept names that AWS does not, so only names that no URL can carry are
 * refused.
 *
 * @param name The name of a bucket, or the ARN of an access point.
 * @throws {ConfigurationError} If it is malformed.
 */
export function checkBucketName(name: string): void {
  if (name.startsWith("arn:")) return void parseAccessPoint(name);
  if (name.length > 255 || !/^[^\s/\\?#%\p{Cc}]+$/u.test(name) || name === "." || name === "..") {
    throw new ConfigurationError(
      `bucketName must be a bucket name without slashes and spaces, got ${formatValue(name)}`,
    );
  }
}

/**
 * Parses the URL of an endpoint.
 *
 * @throws {ConfigurationError} If it is not an http or https URL, or has more than a host, a port and a path.
 */
export function checkEndpointUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.username || url?.password) {
    throw new ConfigurationError("endpointUrl must not have a user name or password: use accessKey and secretKey");
  }
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new ConfigurationError(
      `endpointUrl must be an http or https URL without a query, such as "https://s3.example.com", ` +
        // The text before an @ and the query may be secret.
        `got "${text.replace(/^.*@|[?#].*$/gs, "…")}"`,
    );
  }
  // Servers take an empty segment for a bucket without a name.
  if (url.pathname.endsWith("//")) url.pathname = `${trimEnd(url.pathname, "/")}/`;
  return url;
}

/**
 * @throws {ConfigurationError} If the value is not a number from `least` to `most`, or not an integer though `least` is
 * one.
 */
export function checkRange(name: string, value: unknown, least: number, most: number, unit: string): void {
  const isWhole = Number.isInteger(least);
  if (isWhole ? isInteger(value, least, most) : typeof value === "number" && value >= least && value <= most) return;
  const kind = isWhole ? "an integer" : "a number";
  throw new ConfigurationError(
    `${name} must be ${kind} of ${unit} from ${least} to ${most}, got ${formatValue(value)}`,
  );
}

/** @throws {ConfigurationError} If the value is not an object with named members. */
export function checkRecord(what: string, value: unknown): void {
  if (!isRecord(value)) throw new ConfigurationError(`${what} must be an object, got ${formatValue(value)}`);
}

/** Valid region names. They become part of host names. */
export const REGION_NAME = /^[\w.-]+$/;
