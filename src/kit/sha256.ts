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

// Scratch space, safe to share because nothing here awaits.
const schedule = new Int32Array(64);
const encoder = new TextEncoder();
let message = new Uint8Array(1024);

/** The hash of a text's UTF-8, as 64 hexadecimal digits. */
export function sha256Hex(text: string): string {
  const state = INITIAL_STATE.slice();
  digestMessage(state, loadText(text), 0);
  return hexOf(state);
}

/** A key for any number of HMAC-SHA-256 codes; the two key blocks are hashed once, here. */
export class HmacSha256 {
  readonly #inner = INITIAL_STATE.slice();
  readonly #outer = INITIAL_STATE.slice();

  /** @param key The secret: text as UTF-8, or bytes. */
  constructor(key: string | Uint8Array) {
    let bytes = typeof key === "string" ? encoder.encode(key) : key;
    if (bytes.byteLength > BLOCK_BYTES) bytes = hashBytes(bytes);
    const block = new Uint8Array(BLOCK_BYTES);
    block.set(bytes);
    compress(this.#inner, block.map((byte) => byte ^ 0x36), 0);
    compress(this.#outer, block.map((byte) => byte ^ 0x5c), 0);
  }

  /** The code of a text's UTF-8, as 32 bytes. */
  sign(text: string): Uint8Array<ArrayBuffer> {
    return bytesOf(this.#code(text));
  }

  /** The code of a text's UTF-8, as 64 hexadecimal digits. */
  signHex(text: string): string {
    return hexOf(this.#code(text));
  }

  #code(text: string): Int32Array {
    const state = this.#inner.slice();
    digestMessage(state, loadText(text), BLOCK_BYTES);
    message.set(bytesOf(state));
    state.set(this.#outer);
    digestMessage(state, 32, BLOCK_BYTES);
    return state;
  }
}

function hashBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  reserve(bytes.byteLength);
  message.set(bytes);
  const state = INITIAL_STATE.slice();
  digestMessage(state, bytes.byteLength, 0);
  return bytesOf(state);
}

/** Writes a text's UTF-8 to the start of `message`; returns its length in bytes. */
function loadText(text: string): number {
  reserve(text.length * 3); // no UTF-16 unit takes more than 3 bytes
  return encoder.encodeInto(text, message).written;
}

/** Makes room for that many bytes and the padding. */
function reserve(byteLength: number): void {
  if (message.length < byteLength + 2 * BLOCK_BYTES) message = new Uint8Array(byteLength * 2 + 2 * BLOCK_BYTES);
}

/** Hashes the first `byteLength` bytes of `message` into `state`, which has already taken in `hashedBefore` bytes. */
function digestMessage(state: Int32Array, byteLength: number, hashedBefore: number): void {
  const padded = (byteLength + 9 + BLOCK_BYTES - 1) & -BLOCK_BYTES;
  message.fill(0, byteLength, padded);
  message[byteLength] = 0x80;
  const bits = (hashedBefore + byteLength) * 8; // below 2^32: these are messages of some kilobytes
  message[padded - 4] = bits >>> 24;
  message[padded - 3] = bits >>> 16;
  message[padded - 2] = bits >>> 8;
  message[padded - 1] = bits;
  for (let offset = 0; offset < padded; offset += BLOCK_BYTES) compress(state, message, offset);
}

function rotate(word: number, bits: number): number {
  return word >>> bits | word << 32 - bits;
}

/** One round of the compression function over the 64 bytes at `offset`. */
function compress(state: Int32Array, block: Uint8Array, offset: number): void {
  const w = schedule;
  for (let i = 0; i < 16; i++) {
    const at = offset + i * 4;
    w[i] = block[at]! << 24 | block[at + 1]! << 16 | block[at + 2]! << 8 | block[at + 3]!;
  }
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15]!;
    const y = w[i - 2]!;
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ x >>> 3;
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ y >>> 10;
    w[i] = w[i - 16]! + s0 + w[i - 7]! + s1 | 0;
  }
  let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!;
  let e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!;
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const choice = g ^ e & (f ^ g);
    const t1 = h + s1 + choice + ROUND_CONSTANTS[i]! + w[i]! | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
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
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
}

function bytesOf(state: Int32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 8; i++) view.setInt32(i * 4, state[i]!);
  return bytes;
}

function hexOf(state: Int32Array): string {
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
