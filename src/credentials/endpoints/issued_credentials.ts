import { ServiceError } from "../../errors.ts";
import { foreignText } from "../../kit/text/printable.ts";
import type { Question } from "./credential_request.ts";
import { checkCredentials, type Credentials } from "../../aws/credentials.ts";
import { readExpiration } from "../sdk_shape.ts";

/** What a service says it hands out, not yet looked at. */
export interface Issued {
  readonly accessKeyId?: unknown;
  readonly secretAccessKey?: unknown;
  readonly sessionToken?: unknown;
  readonly expiration?: unknown;
}

/** Credentials in the shape of the SDKs, whose secrets show neither inspected nor as JSON. */
export class IssuedCredentials implements Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  readonly expiration: Date | undefined;

  /** @throws {ConfigurationError} If a part cannot be what it should be. */
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

  /** Deno, Bun and Node ask for it before they show an object. */
  [Symbol.for("nodejs.util.inspect.custom")](): Record<string, unknown> {
    return this.toJSON();
  }
}

/**
 * Makes credentials of an answer.
 *
 * @param question What was asked: its secrets show in no error, though the answer repeats them in a part's place.
 * @param optional Parts that it may lack.
 * @throws {ServiceError} If a part is missing or cannot be what it should be.
 */
export function issue(
  { operation, secrets }: Pick<Question, "operation" | "secrets">,
  issued: Issued,
  optional: ReadonlyArray<keyof Issued> = [],
): Credentials {
  for (const part of ["accessKeyId", "secretAccessKey", "sessionToken", "expiration"] as const) {
    const missing = issued[part] === undefined || issued[part] === null || issued[part] === "";
    if (missing && !optional.includes(part)) {
      throw new ServiceError(`${operation} failed: the answer has no ${part}`, { operation });
    }
  }
  try {
    return new IssuedCredentials(issued);
  } catch (error) {
    throw new ServiceError(`${operation} failed: ${foreignText((error as Error).message, secrets)}`, { operation });
  }
}
