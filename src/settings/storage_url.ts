import { ConfigurationError } from "../errors.ts";
import { unknownName } from "../kit/text/closest.ts";
import type { OptionRow } from "./options.ts";

/** Names for parameters that read better in a URL. */
const SHORT: Readonly<Record<string, string>> = {
  region: "regionName",
  endpoint: "endpointUrl",
  profile: "sessionProfile",
  style: "addressingStyle",
  acl: "defaultAcl",
};

/** What comes before the query, and the query. */
const SHAPE = /^s3:\/\/([^?#]*)(?:\?([^#]*))?$/;

/** A bucket that is the ARN of an access point, which may have slashes. */
const ACCESS_POINT = /^arn:[^/]*:(?:outpost\/[^/]+\/)?accesspoint\/[^/]+/;

/**
 * The options that a URL such as `s3://bucket/prefix?region=eu-west-1&useSsl=false` stands for.
 *
 * Parameters are the options by name, and `region`, `endpoint`, `profile`, `style`, `acl` for the longer names. All is
 * percent-decoded, and a plus is a plus. `s3://key:secret@bucket` holds credentials, so no message repeats the URL.
 *
 * @param url The URL.
 * @param rows The option table.
 * @param parse Reads the text of a parameter, by the strict rules of environment variables; the first argument is what
 * the text is called in errors: `The parameter useSsl`.
 * @throws {ConfigurationError} If the URL is malformed, or a parameter is unknown, repeated or of a wrong value.
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
      'A storage\'s URL must be like "s3://bucket/prefix?region=eu-west-1": with a bucket, and without a fragment',
    );
  }
  // A slash or a question mark in a secret would make a bucket, a folder or a parameter of what follows it.
  if (user === undefined ? bucket.includes(":") && !bucket.startsWith("arn:") : `${prefix}${query}`.includes("@")) {
    throw new ConfigurationError(
      "A storage's URL must have every special character of the access key, the secret key and the bucket's name " +
        "percent-encoded: a slash as %2F, a colon as %3A, an @ as %40",
    );
  }
  const options = new Map<string, unknown>([["bucketName", decode("bucket", bucket)]]);
  if (user !== undefined) {
    const [key = "", secret = "", ...rest] = user.split(":");
    if (key === "" || secret === "" || rest.length > 0) {
      throw new ConfigurationError(
        "The credentials in a storage's URL must be an access key and a secret key: key:secret@",
      );
    }
    options.set("accessKey", decode("access key", key)).set("secretKey", decode("secret key", secret));
  }
  if (prefix !== "") options.set("location", decode("prefix", prefix));
  const known = Object.keys(rows).filter((name) => rows[name]!.names.length > 0); // the others cannot be texts
  for (const pair of query.split("&").filter((pair) => pair !== "")) {
    const [given = "", ...value] = pair.split("=");
    const parameter = decode("query", given);
    const name = Object.hasOwn(SHORT, parameter) ? SHORT[parameter]! : parameter;
    if (!known.includes(name)) {
      const short = Object.keys(SHORT).filter((name) => known.includes(SHORT[name]!));
      throw new ConfigurationError(unknownName("URL parameter", parameter, [...known, ...short]));
    }
    if (options.has(name)) throw new ConfigurationError(`A storage's URL says ${name} twice: leave one out`);
    if (value.length === 0) throw new ConfigurationError(`The parameter ${parameter} of a storage's URL has no value`);
    options.set(name, parse(`The parameter ${parameter}`, decode(parameter, value.join("=")), rows[name]!));
  }
  return Object.fromEntries(options);
}

function decode(part: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigurationError(`The ${part} in a storage's URL is not percent-encoded UTF-8: write a % as %25`);
  }
}
