import { ConfigurationError } from "../errors.ts";
import { unknownName } from "../kit/text/closest.ts";
import type { OptionRow } from "./options.ts";

/** Short names of parameters. */
const SHORT: Readonly<Record<string, string>> = {
  region: "regionName",
  endpoint: "endpointUrl",
  profile: "sessionProfile",
  style: "addressingStyle",
  acl: "defaultAcl",
};

/** The part before the query, and the query. */
const SHAPE = /^s3:\/\/([^?#]*)(?:\?([^#]*))?$/;

/** The ARN of an access point as the bucket, which may have slashes. */
const ACCESS_POINT = /^arn:[^/]*:(?:outpost\/[^/]+\/)?accesspoint\/[^/]+/;

/**
 * Converts a URL such as `s3://bucket/prefix?region=eu-west-1&useSsl=false` to options.
 *
 * Parameters are names of options, or the short names `region`, `endpoint`, `profile`, `style` and `acl`. Every part is
 * percent-decoded; a plus stays a plus. As `s3://key:secret@bucket` has credentials, no message shows the URL.
 *
 * @param url The URL.
 * @param rows The option table.
 * @param parse Parses the text of a parameter like an environment variable. Its first argument is the name of the text
 * in errors: `The parameter useSsl`.
 * @throws {ConfigurationError} If the URL is malformed, or a parameter is unknown, repeated or invalid.
 */
export function parseStorageUrl(
  url: string | URL,
  rows: Readonly<Record<string, OptionRow>>,
  parse: (what: string, text: string, row: OptionRow) => unknown,
): Record<string, unknown> {
  const [, address = "", query = ""] = SHAPE.exec(String(url)) ?? [];
  const userEnd = address.split("/", 1)[0]!.lastIndexOf("@");
  const user = userEnd < 0 ? undefined : address.slice(0, userEnd);
  const place = address.slice(userEnd + 1);
  const bucket = ACCESS_POINT.exec(place)?.[0] ?? place.split("/", 1)[0]!;
  const prefix = place.slice(bucket.length + 1);
  if (bucket === "") {
    throw new ConfigurationError(
      'A storage URL must be like "s3://bucket/prefix?region=eu-west-1", with a bucket and without a fragment',
    );
  }
  // After a bare slash or question mark, the rest of a secret would become a bucket, a folder or a parameter.
  if (user === undefined ? bucket.includes(":") && !bucket.startsWith("arn:") : `${prefix}${query}`.includes("@")) {
    throw new ConfigurationError(
      "Special characters in the access key, the secret key and the bucket of a storage URL must be percent-encoded: " +
        "a slash as %2F, a colon as %3A, an @ as %40",
    );
  }
  const options = new Map<string, unknown>([["bucketName", decode("bucket", bucket)]]);
  if (user !== undefined) {
    const [key = "", secret = "", ...rest] = user.split(":");
    if (key === "" || secret === "" || rest.length > 0) {
      throw new ConfigurationError(
        "The credentials in a storage URL must be an access key and a secret key: key:secret@",
      );
    }
    options.set("accessKey", decode("access key", key)).set("secretKey", decode("secret key", secret));
  }
  if (prefix !== "") options.set("location", decode("prefix", prefix));
  const known = Object.keys(rows).filter((name) => rows[name]!.names.length > 0); // the values of others cannot be text
  for (const pair of query.split("&").filter((pair) => pair !== "")) {
    const [given = "", ...value] = pair.split("=");
    const parameter = decode("query", given);
    const name = Object.hasOwn(SHORT, parameter) ? SHORT[parameter]! : parameter;
    if (!known.includes(name)) {
      const short = Object.keys(SHORT).filter((name) => known.includes(SHORT[name]!));
      throw new ConfigurationError(unknownName("URL parameter", parameter, [...known, ...short]));
    }
    if (options.has(name)) throw new ConfigurationError(`A storage URL must not have ${name} twice`);
    if (value.length === 0) {
      throw new ConfigurationError(`The parameter ${parameter} of a storage URL must have a value`);
    }
    options.set(name, parse(`The parameter ${parameter}`, decode(parameter, value.join("=")), rows[name]!));
  }
  return Object.fromEntries(options);
}

function decode(part: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigurationError(`The ${part} in a storage URL must be percent-encoded UTF-8: write a % as %25`);
  }
}
