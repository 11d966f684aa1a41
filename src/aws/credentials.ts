import { ConfigurationError } from "../errors.ts";

/**
 * What requests are signed with, in the shape the AWS SDKs use.
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
  /** The public half. */
  readonly accessKeyId: string;
  /** The secret half. */
  readonly secretAccessKey: string;
  /** The session token that temporary credentials come with. */
  readonly sessionToken?: string | undefined;
  /** When temporary credentials end. */
  readonly expiration?: Date | undefined;
}

/**
 * Anything that hands out credentials, such as a provider of an AWS SDK. Those with an `expiration` are kept until five
 * minutes before it. Without one it is asked before every request, so it should cache: return the same object until
 * there are new credentials.
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

/** A provider that can be told that what it handed out is no longer accepted. */
export interface RefreshableProvider {
  /** The credentials to sign with now. */
  (): Credentials | Promise<Credentials>;
  /** The service refused these as expired: they are not handed out again, unless there are no others. */
  refused?(credentials: Credentials): void;
}

/** A provider of credentials that never change. */
export function staticCredentials(credentials: Credentials): CredentialProvider {
  const frozen = Object.freeze(checkCredentials({ ...credentials }));
  return () => frozen;
}

/**
 * Makes sure that credentials can be sent, before something that shows them in its error finds that they cannot.
 *
 * @throws {ConfigurationError} If a part is missing, or is no printable ASCII. The message does not show it.
 */
export function checkCredentials(credentials: Credentials): Credentials {
  for (const part of ["accessKeyId", "secretAccessKey", "sessionToken"] as const) {
    const text: unknown = credentials?.[part];
    if (part === "sessionToken" && !text) continue; // what reads them from variables may give empty ones
    if (typeof text !== "string" || !/^[\x20-\x7e]+$/.test(text)) {
      throw new ConfigurationError(`The ${part} of the credentials must be text in printable ASCII`);
    }
  }
  return credentials;
}
