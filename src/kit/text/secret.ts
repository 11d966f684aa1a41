const MASK = "******";

/**
 * A value that does not appear in logs: as text or JSON it is `******`, and inspecting it shows no properties.
 *
 * @example
 * ```ts
 * import { S3Storage, type Secret } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new S3Storage({ bucketName: "media", accessKey: "AKIDEXAMPLE", secretKey: "secret" });
 * const secretKey: Secret | undefined = storage.settings.secretKey;
 * assertEquals([`${secretKey}`, JSON.stringify(secretKey), secretKey?.reveal()], ["******", '"******"', "secret"]);
 * ```
 */
export class Secret<Value = string> {
  readonly #value: Value;

  /**
   * Wraps a value.
   *
   * @param value The value to hide.
   */
  constructor(value: Value) {
    this.#value = value;
  }

  /** Returns the value. */
  reveal(): Value {
    return this.#value;
  }

  /** Returns `******`. */
  toString(): string {
    return MASK;
  }

  /** Returns `******`. */
  toJSON(): string {
    return MASK;
  }
}

/** Wraps a value, unless it is `undefined`. */
export function asSecret<Value>(value: Value | undefined): Secret<Value> | undefined {
  return value === undefined ? undefined : new Secret(value);
}
