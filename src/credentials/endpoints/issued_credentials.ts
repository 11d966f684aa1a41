import { ServiceError } from "../../errors.ts";
import { foreignText } from "../../kit/text/foreign_text.ts";
import type { CredentialRequest } from "./credential_request.ts";
import { checkCredentials, type Credentials } from "../../aws/credentials.ts";
import { readExpiration } from "../expiration.ts";

/** Credentials in a response, not yet checked. */
export interface Issued {
  readonly accessKeyId?: unknown;
  readonly secretAccessKey?: unknown;
  readonly sessionToken?: unknown;
  readonly expiration?: unknown;
}

/** Credentials in the shape of the SDKs. Neither inspection nor JSON shows their secrets. */
export class IssuedCredentials implements Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  readonly expiration: Date | undefined;

  /** @throws {ConfigurationError} If a part is missing or malformed. */
  constructor(issued: Issued) {
    const { accessKeyId, secretAccessKey, sessionToken } = checkCredentials(issued as Credentials);
    this.accessKeyId = accessKeyId;
    this.secretAccessKey = secretAccessKey;
    this.sessionToken = sessionToken || undefined;
    this.expiration = readExpiration(issued.expiration);
    Object.freeze(this);
  }

  toJSON(): Record<string, unknown> {
    return { accessKeyId: this.accessKeyId, expiration: this.expiration };
  }

  /** Called by Deno, Bun and Node to inspect the object. */
  [Symbol.for("nodejs.util.inspect.custom")](): Record<string, unknown> {
    return this.toJSON();
  }
}

/**
 * Makes credentials from a response.
 *
 * @param request The request. Its secrets are masked in errors, as the response may repeat them.
 * @param optional Parts that may be missing.
 * @throws {ServiceError} If a part is missing or malformed.
 */
export function readIssued(
  { operation, secrets }: Pick<CredentialRequest, "operation" | "secrets">,
  issued: Issued,
  optional: ReadonlyArray<keyof Issued> = [],
): Credentials {
  for (const part of ["accessKeyId", "secretAccessKey", "sessionToken", "expiration"] as const) {
    const missing = issued[part] === undefined || issued[part] === null || issued[part] === "";
    if (missing && !optional.includes(part)) {
      throw new ServiceError(`Invalid response to ${operation}: missing ${part}`, { operation });
    }
  }
  try {
    return new IssuedCredentials(issued);
  } catch (error) {
    throw new ServiceError(`Invalid response to ${operation}: ${foreignText((error as Error).message, secrets)}`, {
      operation,
    });
  }
}
