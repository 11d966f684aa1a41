import { type CredentialProvider, type Credentials, staticCredentials } from "../aws/credentials.ts";
import { ConfigurationError } from "../errors.ts";
import { closest } from "../kit/text/closest.ts";

/** The members that an object of credentials may have. Source: the identities of the AWS SDKs. */
const MEMBERS = ["accessKeyId", "secretAccessKey", "sessionToken", "expiration"] as const;

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
  if (typeof (given as { then?: unknown }).then === "function") {
    throw invalid("got a Promise: await it first, or pass the function that returned it");
  }
  for (const name of Object.keys(given)) {
    if (MEMBERS.some((known) => known === name)) continue;
    const meant = closest(name, MEMBERS, SYNONYMS);
    // Other members are ignored, such as the account of an identity of an AWS SDK.
    if (meant !== undefined) throw invalid(`got an object with the unknown member '${name}'. Did you mean ${meant}?`);
  }
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = given;
  for (const [name, value] of Object.entries({ accessKeyId, secretAccessKey })) {
    if (value === undefined || value === null) throw invalid(`got an object without ${name}`);
  }
  if (expiration !== undefined && !(expiration instanceof Date && !Number.isNaN(expiration.getTime()))) {
    throw new ConfigurationError("The expiration of the option credentials must be a valid Date");
  }
  // Marked as one that caches by itself: it is never called again for newer credentials.
  return Object.assign(staticCredentials({ accessKeyId, secretAccessKey, sessionToken, expiration }), {
    refused: (): void => {},
  });
}

function invalid(got: string): ConfigurationError {
  return new ConfigurationError(
    `The option credentials must be a function, or an object { accessKeyId, secretAccessKey, sessionToken? }, ${got}`,
  );
}
