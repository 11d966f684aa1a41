import { encodeBase64 } from "../../kit/bytes/bytes.ts";

/** The id of a version that was written while versioning was not enabled. */
export const NULL_VERSION = "null";

/** Issues version ids, and remembers them: S3 refuses an id that it never issued, but not that of a deleted version. */
export class VersionIds {
  readonly #sequences = new Map<string, number>();
  #last = 0;

  /** The next number in the order of all versions. */
  nextSequence(): number {
    return ++this.#last;
  }

  /** Issues the id of a version. Like those of S3, it has 32 characters. */
  issue(sequence: number): string {
    const id = encodeBase64(crypto.getRandomValues(new Uint8Array(24))).replaceAll("+", ".").replaceAll("/", "_");
    this.#sequences.set(id, sequence);
    return id;
  }

  /** Whether the id was issued, or is "null". */
  isKnown(versionId: string): boolean {
    return versionId === NULL_VERSION || this.#sequences.has(versionId);
  }

  /** The place of an issued id in the order of all versions. */
  sequenceOf(versionId: string): number | undefined {
    return this.#sequences.get(versionId);
  }
}
