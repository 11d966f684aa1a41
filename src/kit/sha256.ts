/**
 * SHA-256 (FIPS 180-4) and HMAC (RFC 2104), synchronous and in plain JavaScript.
 *
 * WebCrypto is asynchronous, and that asynchrony costs more than hashing the few hundred bytes a signature covers.
 * So signatures are computed here; bodies, which are large, are hashed by the runtime.
 */

/** The first 64 primes, of which the algorithm's constants are made. */
const PRIMES = firstPrimes(64);

/** The first 32 bits of the fractional parts of the primes' cube roots. */
const ROUND_CONSTANTS = new Int32Array(PRIMES.map((prime) => fraction(Math.cbrt(prime))));

/** The first 32 bits of the fractional parts of the square roots of the first 8 primes. */
const INITIAL_STATE = new Int32Array(PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime))));

const BLOCK_BYTES = 64;
const HEX_OF_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

// Scratch space, safe to share because nothing here awaits. Allocating it per call took as long as the hashing.
const words = new Int32Array(64);
const state = new Int32Array(8);
const encoder = new TextEncoder();
let message = new Uint8Array(1024);

/** The hash of a text's UTF-8, as 64 hexadecimal digits. */
export function sha256Hex(text: string): string {
  digest(INITIAL_STATE, load(text), 0);
  return hexOfState();
}

/** A key for any number of HMAC-SHA-256 codes; the two key blocks are hashed once, here. */
export class HmacSha256 {
  readonly #inner: Int32Array;
  readonly #outer: Int32Array;

  /** @param key The secret: text as UTF-8, or bytes. */
  constructor(key: string | Uint8Array) {
    let byteLength = load(key);
    if (byteLength > BLOCK_BYTES) {
      digest(INITIAL_STATE, byteLength, 0);
      byteLength = load(bytesOfState());
    }
    const padded = (pad: number): Int32Array => {
      message.fill(0, byteLength, BLOCK_BYTES);
      loadWords(0);
      for (let i = 0; i < 16; i++) words[i]! ^= pad;
      compress(INITIAL_STATE);
      return state.slice();
    };
    this.#inner = padded(0x36363636);
    this.#outer = padded(0x5c5c5c5c);
    message.fill(0, 0, BLOCK_BYTES); // it was the secret
  }

  /** The code of a text's UTF-8, as 32 bytes. */
  sign(text: string): Uint8Array<ArrayBuffer> {
    this.#code(this.#inner, text, BLOCK_BYTES);
    return bytesOfState();
  }

  /** The code of a text's UTF-8, as 64 hexadecimal digits. */
  signHex(text: string): string {
    return this.startingWith("")(text);
  }

  /** Signs texts that begin alike, given the rest of each: the whole blocks of the beginning are hashed once, here. */
  startingWith(head: string): (rest: string) => string {
    // Where a character takes more than a byte, blocks and characters do not end together.
    const hashed = load(head) === head.length ? head.length & -BLOCK_BYTES : 0;
    let inner = this.#inner;
    for (let offset = 0; offset < hashed; offset += BLOCK_BYTES) {
      loadWords(offset);
      compress(inner);
      inner = state.slice();
    }
    const left = head.slice(hashed);
    return (rest) => {
      this.#code(inner, left + rest, BLOCK_BYTES + hashed);
      return hexOfState();
    };
  }

  #code(inner: Int32Array, text: string, hashedBefore: number): void {
    digest(inner, load(text), hashedBefore);
    // The outer message is one block: the inner hash, the bit after it, zeros, and the length of both its blocks.
    words.set(state);
    words[8] = 1 << 31;
    words.fill(0, 9, 15);
    words[15] = (BLOCK_BYTES + 32) * 8;
    compress(this.#outer);
  }
}

/** Writes bytes, or a text's UTF-8, to the start of `message`, with room for the padding; returns how many they are. */
function load(content: string | Uint8Array): number {
  const most = content.length * 3 + 2 * BLOCK_BYTES; // no UTF-16 unit takes more than 3 bytes
  if (message.length < most) message = new Uint8Array(most * 2);
  if (typeof content === "string") return encoder.encodeInto(content, message).written;
  message.set(content);
  return content.length;
}

/** Hashes the first bytes of `message` into `state`, beginning with a state that has taken in `hashedBefore` bytes. */
function digest(from: Int32Array, byteLength: number, hashedBefore: number): void {
  const padded = byteLength + 8 + BLOCK_BYTES & -BLOCK_BYTES;
  message.fill(0, byteLength, padded);
  message[byteLength] = 0x80;
  for (let offset = 0; offset < padded; from = state) {
    loadWords(offset);
    offset += BLOCK_BYTES;
    if (offset === padded) words[15] = (hashedBefore + byteLength) * 8; // below 2^32: messages have some kilobytes
    compress(from);
  }
}

/** The 64 bytes of `message` at `offset`, as the first 16 words of the schedule. */
function loadWords(offset: number): void {
  for (let i = 0; i < 16; i++, offset += 4) {
    words[i] = message[offset]! << 24 | message[offset + 1]! << 16 | message[offset + 2]! << 8 | message[offset + 3]!;
  }
}

function rotate(word: number, bits: number): number {
  return word >>> bits | word << 32 - bits;
}

/** One round of the compression function: takes the block in `words` into `state`, which was `from` before. */
function compress(from: Int32Array): void {
  const w = words;
  // Rotations of rotations: one less for each sum than the standard writes it with.
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15]!;
    const y = w[i - 2]!;
    const s0 = rotate(x ^ rotate(x, 11), 7) ^ x >>> 3;
    const s1 = rotate(y ^ rotate(y, 2), 17) ^ y >>> 10;
    w[i] = w[i - 16]! + s0 + w[i - 7]! + s1 | 0;
  }
  let a = from[0]!, b = from[1]!, c = from[2]!, d = from[3]!;
  let e = from[4]!, f = from[5]!, g = from[6]!, h = from[7]!;
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e ^ rotate(e ^ rotate(e, 14), 5), 6);
    const choice = g ^ e & (f ^ g);
    const t1 = h + s1 + choice + ROUND_CONSTANTS[i]! + w[i]! | 0;
    const s0 = rotate(a ^ rotate(a ^ rotate(a, 9), 11), 2);
    const majority = a & b | c & (a | b);
    h = g;
    g = f;
    f = e;
    e = d + t1 | 0;
    d = c;
    c = b;
    b = a;
    a = t1 + s0 + majority | 0;
  }
  state[0] = from[0]! + a;
  state[1] = from[1]! + b;
  state[2] = from[2]! + c;
  state[3] = from[3]! + d;
  state[4] = from[4]! + e;
  state[5] = from[5]! + f;
  state[6] = from[6]! + g;
  state[7] = from[7]! + h;
}

function bytesOfState(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  state.forEach((word, i) => view.setInt32(i * 4, word));
  return bytes;
}

function hexOfState(): string {
  let hex = "";
  for (let i = 0; i < 8; i++) {
    const word = state[i]!;
    hex += HEX_OF_BYTE[word >>> 24]! + HEX_OF_BYTE[word >>> 16 & 255]! + HEX_OF_BYTE[word >>> 8 & 255]! +
      HEX_OF_BYTE[word & 255]!;
  }
  return hex;
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return primes;
}

function fraction(root: number): number {
  return (root % 1) * 2 ** 32 | 0;
}
