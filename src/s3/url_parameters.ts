import { ConfigurationError } from "../errors.ts";
import { unknownName } from "../kit/closest.ts";
import { wrongValue } from "./object_parameters.ts";

/** Parameters that a URL to an object takes, and what they are called in its query. Source: the S3 API, GetObject. */
const QUERY_NAMES: Readonly<Record<string, string>> = {
  PartNumber: "partNumber",
  ResponseCacheControl: "response-cache-control",
  ResponseContentDisposition: "response-content-disposition",
  ResponseContentEncoding: "response-content-encoding",
  ResponseContentLanguage: "response-content-language",
  ResponseContentType: "response-content-type",
  ResponseExpires: "response-expires",
  VersionId: "versionId",
};

/**
 * The query of a URL, in the order of botocore: the order given.
 *
 * @throws {ConfigurationError} If there is no such parameter, or its value is not text.
 */
export function urlQuery(parameters: Readonly<Record<string, string>>): Array<[string, string]> {
  return Object.entries(parameters).filter(([, value]) => value !== undefined).map(([name, value]) => {
    if (!Object.hasOwn(QUERY_NAMES, name)) {
      throw new ConfigurationError(unknownName("URL parameter", name, Object.keys(QUERY_NAMES)));
    }
    if (typeof value !== "string") throw wrongValue(name, "text", value);
    return [QUERY_NAMES[name]!, value];
  });
}
