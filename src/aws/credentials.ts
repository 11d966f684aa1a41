import { ConfigurationError } from "../errors.ts";

/**
 * Credentials that requests are signed with, in the shape that the AWS SDKs use.
 *
 * @example
 * ```ts
 * import type { Credentials } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const credentials: Credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
 * assertEquals(credentials.sessionToken, undefined);
 * ```
 */
export interface Credentials {
  /** The id of the access key; it is not secret. */
  readonly accessKeyId: string;
  /** The secret of the access key. */
  readonly secretAccessKey: string;
  /** The session token of temporary credentials. */
  readonly sessionToken?: string | undefined;
  /** When temporary credentials expire. */
  readonly expiration?: Date | undefined;
}

/**
 * A function that returns credentials, such as a provider of an AWS SDK. Credentials with an `expiration` are cached
 * until five minutes before it. Without one the function is called before every request, so it should cache them
 * itself: return the same object until there are new credentials.
 *
 * @example
 * ```ts
 * import { type CredentialProvider, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 *
 * const server = createS3Server({ buckets: ["media"] });
 * const credentials: CredentialProvider = () => ({ accessKeyId: "testkey", secretAccessKey: "testsecret" });
 * const storage = new S3Storage({ bucketName: "media", credentials, fetch: server.fetch });
 * await storage.save("a.txt", "signed with them");
 * ```
 */
export type CredentialProvider = () => Credentials | Promise<Credentials>;

/** A provider that can be notified when the service refuses the credentials it returned. */
export interface RefreshableProvider {
  /** Returns the credentials to sign with now. */
  (): Credentials | Promise<Credentials>;
  /**
   * Reports credentials that the service refused as expired or unknown. They are not returned again, unless there are no
   * others.
   */
  refused?(credentials: Credentials): void;
  /** What it is waiting for, in errors: "the profile 'dev'". */
  source?(): string;
}

/** Makes a provider of credentials that never change. */
export function staticCredentials(credentials: Credentials): CredentialProvider {
  const frozen = Object.freeze(checkCredentials({ ...credentials }));
  return () => frozen;
}

/**
 * Checks that credentials can be sent in headers. Otherwise `fetch` would refuse them with an error that shows them.
 *
 * @param action The call whose argument the credentials are: `sign URL for 'a.txt'`. Without it, they are a setting.
 * @throws {ConfigurationError} If a part of a setting is missing or is not printable ASCII. The message does not show it.
 * @throws {TypeError} If the same is true of an argument.
 */
export function checkCredentials(credentials: Credentials, action?: string): Credentials {
  for (const part of ["accessKeyId", "secretAccessKey", "sessionToken"] as const) {
    const text: unknown = credentials?.[part];
    if (part === "sessionToken" && !text) continue; // code that reads environment variables may pass an empty one
    if (typeof text !== "string" || !/^[\x20-\x7e]+$/.test(text)) {
      const problem = `${part} of the credentials must be text in printable ASCII`;
      throw action === undefined
        ? new ConfigurationError(`The ${problem}`)
        : new TypeError(`Cannot ${action}: the ${problem}`);
    }
  }
  return credentials;
}
