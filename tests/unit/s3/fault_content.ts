/** What the objects of the random operations contain. */

/** The content of an object: a seed that determines its bytes, and their number. */
export interface Content {
  readonly id: number;
  readonly length: number;
}

/** The content of a folder, by name. */
export type Folder = ReadonlyMap<string, Content>;

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
