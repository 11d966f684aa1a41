import { ConfigurationError } from "../errors.ts";
import { unknownName } from "../kit/closest.ts";
import { shown } from "../settings/checks.ts";
import type { ObjectParameters } from "../settings/options.ts";
import { PARAMETER_HEADERS } from "../settings/parameter_headers.ts";

/** The names of all object parameters. */
export const OBJECT_PARAMETERS: readonly string[] = Object.keys(PARAMETER_HEADERS);

/**
 * The headers that parameters are sent as.
 *
 * @throws {ConfigurationError} If there is no such parameter, or a value is not of its kind.
 */
export function parameterHeaders(parameters: ObjectParameters): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(parameters) as [keyof ObjectParameters, unknown][]) {
    if (value === undefined) continue;
    if (!Object.hasOwn(PARAMETER_HEADERS, name)) {
      throw new ConfigurationError(unknownName("object parameter", name, Object.keys(PARAMETER_HEADERS)));
    }
    if (name === "Metadata") Object.assign(headers, metadataHeaders(value));
    else headers[PARAMETER_HEADERS[name]] = parameterText(name, value);
  }
  return headers;
}

function metadataHeaders(metadata: unknown): Record<string, string> {
  if (typeof metadata !== "object" || metadata === null) throw wrongValue("Metadata", "an object of texts", metadata);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(metadata)) {
    // RFC 9110, section 5.6.2: a header's name is a token.
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
      throw new ConfigurationError(`A name in Metadata must be a header's name: current value is "${name}"`);
    }
    headers[`x-amz-meta-${name.toLowerCase()}`] = headerText(`Metadata.${name}`, value);
  }
  return headers;
}

/** Dates may be dates; S3 wants the one of locks in ISO 8601, and HTTP the one of expiry its own way. */
function parameterText(name: string, value: unknown): string {
  if (value instanceof Date && !isNaN(value.getTime())) {
    if (name === "Expires") return value.toUTCString();
    if (name === "ObjectLockRetainUntilDate") return value.toISOString();
  }
  return headerText(name, value);
}

/** @throws {ConfigurationError} If no header can carry it. */
function headerText(name: string, value: unknown): string {
  if (typeof value === "string" && /^[\t\x20-\x7e]*$/.test(value)) return value;
  throw wrongValue(name, "text in printable ASCII", value);
}

/** What to say of a value that is not what it must be. */
export function wrongValue(name: string, wanted: string, value: unknown): ConfigurationError {
  return new ConfigurationError(`${name} must be ${wanted}: current value is ${shown(value)}`);
}
