import type { SharedParameters } from "../client/request.ts";
import { usesChecksums } from "../client/response_checksum.ts";
import { ConfigurationError } from "../errors.ts";
import { encodeBase64, encodeUtf8 } from "../kit/bytes/bytes.ts";
import { unknownName } from "../kit/text/closest.ts";
import { isToken } from "../kit/text/token.ts";
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm } from "../runtime/hash/checksum_algorithms.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { isRecord } from "../kit/values/record.ts";
import type { ObjectParameters } from "../settings/options.ts";
import { PARAMETER_HEADERS } from "../settings/parameter_headers.ts";
import type { Settings } from "../settings/resolve.ts";

/** The size of a key of AES-256. */
const CUSTOMER_KEY_BYTES = 32;

const { read, write, part } = PARAMETER_HEADERS;

/** Makes the error for an invalid parameter: of a setting by default. */
export type Refusal = (message: string) => Error;

const refuseSetting: Refusal = (message) => new ConfigurationError(message);

/** The headers of all parameters. */
const HEADERS = { ...read, ...write };

/** The names of parameters, by the operations that take them. */
export const PARAMETERS = {
  all: Object.keys(PARAMETER_HEADERS.all),
  read: Object.keys(read),
  write: Object.keys(write),
};

/**
 * Converts parameters to headers. Checks all of them, also those that the operations do not take.
 *
 * @param operations The operations that the headers are for; those that write objects by default.
 * @param refuse Makes the error for an invalid parameter; a ConfigurationError by default.
 * @throws If a parameter is unknown, or has a value that is of the wrong type or that no header can carry.
 */
export function parameterHeaders(
  parameters: ObjectParameters,
  operations: keyof typeof PARAMETER_HEADERS = "write",
  refuse: Refusal = refuseSetting,
): Record<string, string> {
  const headers: Record<string, string> = {};
  const taken = PARAMETER_HEADERS[operations];
  for (const name of Object.keys(parameters) as (keyof ObjectParameters)[]) {
    const value: unknown = parameters[name];
    if (value === undefined) continue;
    if (name === "ContentMD5") {
      checkBoolean(name, value, refuse); // its header depends on the body
      continue;
    }
    if (!Object.hasOwn(HEADERS, name)) {
      throw refuse(unknownName("object parameter", name, [...Object.keys(HEADERS), "ContentMD5"]));
    }
    const own = name === "Metadata" ? metadataHeaders(value, refuse) : parameterText(name, value, refuse);
    if (value === "" || !Object.hasOwn(taken, name)) continue; // an empty text means no header
    if (typeof own === "string") headers[HEADERS[name]!] = own;
    else Object.assign(headers, own);
  }
  if (headers[part.SSECustomerKey!] !== undefined) headers[part.SSECustomerAlgorithm!] ??= "AES256";
  return headers;
}

/** The headers that parameters add to the requests for an object, except those that write it. */
export function sharedParameters(parameters: ObjectParameters): SharedParameters {
  const { versionId, ...read } = parameterHeaders(parameters, "read");
  return { all: parameterHeaders(parameters, "all"), part: parameterHeaders(parameters, "part"), read, versionId };
}

/**
 * The checksum algorithm of an upload: the configured one, else CRC32 on AWS, and none on services that may not support it.
 */
export function uploadChecksum(
  settings: Settings,
  { ChecksumAlgorithm }: ObjectParameters,
): ChecksumAlgorithm | undefined {
  return ChecksumAlgorithm ?? (usesChecksums(settings.requestChecksumCalculation, settings) ? "CRC32" : undefined);
}

function metadataHeaders(metadata: unknown, refuse: Refusal): Record<string, string> {
  if (!isRecord(metadata)) throw invalidParameter("Metadata", "an object of strings", metadata, refuse);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(metadata)) {
    if (!isToken(name)) {
      throw refuse(`Each name in Metadata must be a header name, got "${name}"`);
    }
    headers[`x-amz-meta-${name.toLowerCase()}`] = headerText(`Metadata.${name}`, value, refuse);
  }
  return headers;
}

/** The text of a parameter. S3 expects the date of a lock in ISO 8601, and `Expires` as an HTTP date. */
function parameterText(name: keyof ObjectParameters, value: unknown, refuse: Refusal): string {
  if (value instanceof Date && !isNaN(value.getTime())) {
    if (name === "Expires") return value.toUTCString();
    if (name === "ObjectLockRetainUntilDate") return value.toISOString();
  }
  if (name === "SSECustomerKey") return customerKey(value, refuse);
  if (name === "BucketKeyEnabled") return String(checkBoolean(name, value, refuse));
  if (name === "ChecksumAlgorithm" && !CHECKSUM_ALGORITHMS.some((known) => known === value)) {
    throw invalidParameter(name, `one of ${CHECKSUM_ALGORITHMS.join(", ")}`, value, refuse);
  }
  return headerText(name, value, refuse);
}

function checkBoolean(name: string, value: unknown, refuse: Refusal): boolean {
  if (typeof value === "boolean") return value;
  throw invalidParameter(name, "true or false", value, refuse);
}

/** The key in base64. Errors do not contain it. */
function customerKey(value: unknown, refuse: Refusal): string {
  const key = typeof value === "string" ? encodeUtf8(value) : value;
  if (key instanceof Uint8Array && key.byteLength === CUSTOMER_KEY_BYTES) return encodeBase64(key);
  throw refuse(
    `SSECustomerKey must be the key itself, as ${CUSTOMER_KEY_BYTES} bytes or a string of that length, got ` +
      (key instanceof Uint8Array ? `${key.byteLength} bytes` : typeof value),
  );
}

/** @throws If a header cannot carry the value. */
export function headerText(name: string, value: unknown, refuse: Refusal): string {
  if (typeof value === "string" && /^(?! )[\t -~]*(?<! )$/.test(value)) return value;
  throw invalidParameter(name, "text in printable ASCII without spaces around it", value, refuse);
}

/** The error for an invalid value. */
export function invalidParameter(
  name: string,
  wanted: string,
  value: unknown,
  refuse: Refusal,
): Error {
  return refuse(`${name} must be ${wanted}, got ${formatValue(value)}`);
}
