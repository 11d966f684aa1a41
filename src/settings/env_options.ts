import { isMisspelling, unknownName } from "../kit/text/closest.ts";
import { snapshotOf } from "../runtime/environment.ts";
import { checkRecord } from "./checks.ts";
import { SETTING_ADVICE } from "./foreign_names.ts";
import { OPTIONS } from "./options.ts";
import { ENVIRONMENT, type OptionsOfEnvironment } from "./resolve.ts";

/** Names that look like settings of a storage, but for variables of the AWS SDKs. Other names belong to other programs. */
const LOOKS_LIKE_SETTING = /^AWS_(S3(?!_DISABLE_|_USE_ARN_)|STORAGE|BUCKET|QUERYSTRING|CLOUDFRONT)/;

/** The names that were looked at, so that a storage for each request does not warn each time. */
const seen = new Set<string>();

/**
 * Makes options that are completed from an environment, and warns on the console of variables that are probably misspelt.
 *
 * @throws {ConfigurationError} If the environment is not an object.
 */
export function optionsFromEnv(env: object): OptionsOfEnvironment {
  checkRecord("Environment", env);
  const environment = snapshotOf(env);
  const { variables = {} } = environment;
  const rows = Object.values(OPTIONS);
  const known = rows.flatMap(({ names }) => names);
  for (const name in variables) {
    if (seen.has(name) || known.includes(name) || typeof variables[name] !== "string") continue;
    seen.add(name);
    // The SDKs have an endpoint for each service, such as AWS_ENDPOINT_URL_STS.
    if (!LOOKS_LIKE_SETTING.test(name) && (/_URL_/.test(name) || !isMisspelling(name, known))) continue;
    // deno-lint-ignore no-console -- the setting would be ignored silently
    console.warn(unknownName("variable", name, known, SETTING_ADVICE));
  }
  return { [ENVIRONMENT]: environment };
}
