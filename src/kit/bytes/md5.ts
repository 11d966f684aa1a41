/** Per-round shift amounts and sine constants of RFC 1321. */
const SHIFTS = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]] as const;
const SINES = Int32Array.from({ length: 64 }, (_, index) => Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32) | 0);
const WORDS = Uint8Array.from({ length: 64 }, (_, index) => {
  const round = index >> 4;
  if (round === 0) return index;
  if (round === 1) return (5 * index + 1) % 16;
  if (round === 2) return (3 * index + 5) % 16;
  return (7 * index) % 16;
});
const ROTATIONS = Uint8Array.from({ length: 64 }, (_, index) => SHIFTS[index >> 4]![index % 4]!);

/**
 * Computes the MD5 digest (RFC 1321) synchronously, for runtimes that have none.
 *
 * WebCrypto has no MD5. `@std/crypto` has it as WebAssembly: 68 kB gzipped against 0.7 kB here, and compiled when its module
 * is imported, which workerd and other edges refuse. Those are the runtimes without an MD5 implementation.
 */
export function md5(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const state = Int32Array.of(0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476);
  const words = new Int32Array(16);
  const whole = bytes.length - (bytes.length % 64);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let offset = 0; offset < whole; offset += 64) hashBlock(state, words, view, offset);

  const tail = new Uint8Array(bytes.length % 64 < 56 ? 64 : 128);
  tail.set(bytes.subarray(whole));
  tail[bytes.length % 64] = 0x80;
  const tailView = new DataView(tail.buffer);
  tailView.setUint32(tail.length - 8, (bytes.length * 8) >>> 0, true);
  tailView.setUint32(tail.length - 4, Math.floor(bytes.length / 2 ** 29), true);
  for (let offset = 0; offset < tail.length; offset += 64) hashBlock(state, words, tailView, offset);

  const digest = new Uint8Array(16);
  const digestView = new DataView(digest.buffer);
  state.forEach((word, index) => digestView.setInt32(index * 4, word, true));
  return digest;
}

function hashBlock(state: Int32Array, words: Int32Array, view: DataView, offset: number): void {
  for (let index = 0; index < 16; index++) words[index] = view.getInt32(offset + index * 4, true);
  let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!;
  for (let step = 0; step < 64; step++) {
    let mixed: number;
    if (step < 16) mixed = d ^ (b & (c ^ d));
    else if (step < 32) mixed = c ^ (d & (b ^ c));
    else if (step < 48) mixed = b ^ c ^ d;
    else mixed = c ^ (b | ~d);
    const sum = (a + mixed + SINES[step]! + words[WORDS[step]!]!) | 0;
    const rotation = ROTATIONS[step]!;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << rotation) | (sum >>> (32 - rotation)))) | 0;
  }
  state[0] = (state[0]! + a) | 0;
  state[1] = (state[1]! + b) | 0;
  state[2] = (state[2]! + c) | 0;
  state[3] = (state[3]! + d) | 0;
}
