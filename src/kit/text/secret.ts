const MASK = "******";

/**
 * A value that shows in no log: turned into text or JSON it is `******`, and inspected it has no properties.
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
   * Hides a value.
   *
   * @param value What to hide.
   */
  constructor(value: Value) {
    this.#value = value;
  }

  /** The value itself. */
  reveal(): Value {
    return this.#value;
  }

  /** `******`. */
  toString(): string {
    return MASK;
  }

  /** `******`. */
  toJSON(): string {
    return MASK;
  }
}

/** Hides what there is. */
export function asSecret<Value>(value: Value | undefined): Secret<Value> | undefined {
  return value === undefined ? undefined : new Secret(value);
}
