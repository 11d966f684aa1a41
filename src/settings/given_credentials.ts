import { type CredentialProvider, type Credentials, staticCredentials } from "../aws/credentials.ts";
import { ConfigurationError } from "../errors.ts";
import { closest } from "../kit/text/closest.ts";

/** The members that an object of credentials may have. Source: the identities of the AWS SDKs. */
const MEMBERS: readonly string[] = ["accessKeyId", "secretAccessKey", "sessionToken", "expiration"];

/** Names of other libraries for the members. */
const SYNONYMS = "accesskey:accessKeyId secretkey:secretAccessKey secret:secretAccessKey securitytoken:sessionToken " +
  "token:sessionToken";

/**
 * Converts the option `credentials` to a function if it is an object, so that nothing that prints the settings shows them.
 *
 * @throws {ConfigurationError} If it is an object without the members of credentials, or with misspelt ones. The message
 * shows no value.
 */
export function credentialsOption(
  given: Credentials | CredentialProvider | undefined,
): CredentialProvider | undefined {
  if (typeof given !== "object") return given;
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = given;
  const { then } = given as { then?: unknown };
  // Other members are ignored, such as the account of an identity of an AWS SDK.
  const misspelt = Object.keys(given).find((name) => !MEMBERS.includes(name) && meant(name) !== undefined);
  const got = then !== undefined
    ? "a Promise: await it first, or pass the function that returned it"
    : misspelt !== undefined
    ? `the unknown member '${misspelt}'. Did you mean ${meant(misspelt)}?`
    : accessKeyId === undefined || secretAccessKey === undefined
    ? `no ${MEMBERS[accessKeyId === undefined ? 0 : 1]}`
    : expiration !== undefined && !(expiration instanceof Date)
    ? "an expiration that is not a Date"
    : undefined;
  if (got !== undefined) {
    throw new ConfigurationError(
      `The option credentials must be a function, or an object { accessKeyId, secretAccessKey, sessionToken? }, got ${got}`,
    );
  }
  // Marked as one that caches by itself: it is never called again for newer credentials.
  return Object.assign(staticCredentials({ accessKeyId, secretAccessKey, sessionToken, expiration }), {
    refused: (): void => {},
  });
}

function meant(name: string): string | undefined {
  return closest(name, MEMBERS, SYNONYMS);
}
