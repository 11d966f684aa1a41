/** What random operations store, and the counts of their outcomes. */

/** The content of an object: a seed that determines its bytes, and their number. */
export interface Content {
  readonly id: number;
  readonly length: number;
}

/** The content of a folder, by name. */
export type Folder = ReadonlyMap<string, Content>;

/** The results in the folder that all workers write to, without overwriting. */
export interface SharedFolder {
  readonly stored: Map<string, Content>;
  /** Contents that may have been stored: the response was an error. */
  readonly unsure: Content[];
}

/** How often a kind of error occurred, and the first of them. */
export interface CountedError {
  count: number;
  readonly message: string;
}

/** The outcomes, counted. */
export interface Tally {
  operations: number;
  /** Errors that the state requires, such as NotFoundError for a missing object. */
  refused: number;
  /** Operations that ended with any other error. */
  failed: number;
  /** Those errors, by kind. */
  readonly errors: Map<string, CountedError>;
}

export function bytesOf({ id, length }: Content): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = Math.imul(id + 1, 0x9e3779b1) | 1;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer).subarray(0, length);
}

/** Whether bytes equal a content. */
export function holds(bytes: Uint8Array, content: Content): boolean {
  if (bytes.length !== content.length) return false;
  const expected = bytesOf(content);
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== expected[i]) return false;
  return true;
}
