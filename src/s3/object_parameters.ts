import type { SharedParameters } from "../client/request.ts";
import { usesChecksums } from "../client/response_checksum.ts";
import { ConfigurationError } from "../errors.ts";
import { encodeBase64, encodeUtf8 } from "../kit/bytes/bytes.ts";
import { unknownName } from "../kit/text/closest.ts";
import { isToken } from "../kit/text/token.ts";
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm } from "../runtime/hash/checksum_algorithms.ts";
import { isRecord, shown } from "../settings/checks.ts";
import type { ObjectParameters } from "../settings/options.ts";
import { PARAMETER_HEADERS } from "../settings/parameter_headers.ts";
import type { Settings } from "../settings/resolve.ts";

/** AES-256 has keys of 256 bits. */
const CUSTOMER_KEY_BYTES = 32;

const { read, write, part } = PARAMETER_HEADERS;

/** A class of errors. */
type ErrorKind = new (message: string) => Error;

/** All parameters there are. */
const HEADERS = { ...read, ...write };

/** Their names, by the operations that take them. */
export const PARAMETERS = {
  all: Object.keys(PARAMETER_HEADERS.all),
  read: Object.keys(read),
  write: Object.keys(write),
};

/**
 * The headers that parameters are sent as. All of them are checked, also those that the operations do not take.
 *
 * @param operations What the headers are for: PutObject and its like by default.
 * @param Refusal The error of a text that no header can carry: a call's arguments are no configuration.
 * @throws {ConfigurationError} If there is no such parameter, or a value is not of its kind.
 */
export function parameterHeaders(
  parameters: ObjectParameters,
  operations: keyof typeof PARAMETER_HEADERS = "write",
  Refusal?: ErrorKind,
): Record<string, string> {
  const headers: Record<string, string> = {};
  const taken = PARAMETER_HEADERS[operations];
  for (const [name, value] of Object.entries(parameters) as [keyof ObjectParameters, unknown][]) {
    if (value === undefined) continue;
    if (name === "ContentMD5") {
      checkBoolean(name, value); // its header is for each body another one
      continue;
    }
    if (!Object.hasOwn(HEADERS, name)) {
      throw new ConfigurationError(unknownName("object parameter", name, [...Object.keys(HEADERS), "ContentMD5"]));
    }
    const own = name === "Metadata"
      ? metadataHeaders(value, Refusal)
      : { [HEADERS[name]!]: parameterText(name, value, Refusal) };
    if (Object.hasOwn(taken, name)) Object.assign(headers, own);
  }
  if (headers[part.SSECustomerKey!] !== undefined) headers[part.SSECustomerAlgorithm!] ??= "AES256";
  return headers;
}

/** What parameters add to the requests for an object, beside those that write it. */
export function sharedParameters(parameters: ObjectParameters): SharedParameters {
  const { versionId, ...read } = parameterHeaders(parameters, "read");
  return { all: parameterHeaders(parameters, "all"), part: parameterHeaders(parameters, "part"), read, versionId };
}

/**
 * The checksum that an upload carries: the one that is asked for, and else one only where the service is AWS, which is
 * where it is known to be understood.
 */
export function uploadChecksum(
  settings: Settings,
  { ChecksumAlgorithm }: ObjectParameters,
): ChecksumAlgorithm | undefined {
  return ChecksumAlgorithm ?? (usesChecksums(settings.requestChecksumCalculation, settings) ? "CRC32" : undefined);
}

function metadataHeaders(metadata: unknown, Refusal: ErrorKind = ConfigurationError): Record<string, string> {
  if (!isRecord(metadata)) throw wrongValue("Metadata", "an object of strings", metadata);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(metadata)) {
    if (!isToken(name)) {
      throw new Refusal(`Each name in Metadata must be a header name, got "${name}"`);
    }
    headers[`x-amz-meta-${name.toLowerCase()}`] = headerText(`Metadata.${name}`, value, Refusal);
  }
  return headers;
}

/** Dates may be dates; S3 wants the one of locks in ISO 8601, and HTTP the one of expiry its own way. */
function parameterText(name: keyof ObjectParameters, value: unknown, Refusal?: ErrorKind): string {
  if (value instanceof Date && !isNaN(value.getTime())) {
    if (name === "Expires") return value.toUTCString();
    if (name === "ObjectLockRetainUntilDate") return value.toISOString();
  }
  if (name === "SSECustomerKey") return customerKey(value);
  if (name === "BucketKeyEnabled") return String(checkBoolean(name, value));
  if (name === "ChecksumAlgorithm" && !CHECKSUM_ALGORITHMS.some((known) => known === value)) {
    throw wrongValue(name, `one of ${CHECKSUM_ALGORITHMS.join(", ")}`, value);
  }
  return headerText(name, value, Refusal);
}

function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw wrongValue(name, "true or false", value);
}

/** The key in base64. No error shows it. */
function customerKey(value: unknown): string {
  const key = typeof value === "string" ? encodeUtf8(value) : value;
  if (key instanceof Uint8Array && key.byteLength === CUSTOMER_KEY_BYTES) return encodeBase64(key);
  throw new ConfigurationError(
    `SSECustomerKey must be the key itself, as ${CUSTOMER_KEY_BYTES} bytes or as a string of so many bytes, got ` +
      (key instanceof Uint8Array ? `${key.byteLength} bytes` : typeof value),
  );
}

/** @throws {ConfigurationError} Or what is given instead, if no header can carry it. */
export function headerText(name: string, value: unknown, Refusal?: ErrorKind): string {
  if (typeof value === "string" && /^[\t\x20-\x7e]*$/.test(value)) return value;
  throw wrongValue(name, "text in printable ASCII", value, Refusal);
}

/** What to say of a value that is not what it must be. */
export function wrongValue(name: string, wanted: string, value: unknown, Kind: ErrorKind = ConfigurationError): Error {
  return new Kind(`${name} must be ${wanted}, got ${shown(value)}`);
}
