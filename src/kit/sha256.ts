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

/** The eight words between one block and the next. */
type State = readonly number[];

/** The first 32 bits of the fractional parts of the square roots of the first 8 primes. */
const INITIAL_STATE = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

const BLOCK_BYTES = 64;
const HEX_OF_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

// Scratch space (`w` is the schedule, by its name in the standard), safe to share because nothing here awaits. Allocating it per call would take as long as the hashing.
const w = new Int32Array(64);
const encoder = new TextEncoder();
let message = new Uint8Array(1024);
let view = new DataView(message.buffer);

/** The hash of a text's UTF-8, as 64 hexadecimal digits. */
export function sha256Hex(text: string): string {
  return hexOf(digest(INITIAL_STATE, load(text), 0));
}

/** A key for any number of HMAC-SHA-256 codes; the two key blocks are hashed once, here. */
export class HmacSha256 {
  readonly #inner: State;
  readonly #outer: State;

  /** @param key The secret: text as UTF-8, or bytes. */
  constructor(key: string | Uint8Array) {
    let byteLength = load(key);
    if (byteLength > BLOCK_BYTES) byteLength = store(digest(INITIAL_STATE, byteLength, 0));
    const block = message.slice(0, BLOCK_BYTES).fill(0, byteLength);
    const padded = (pad: number): State => compress(INITIAL_STATE, load(block.map((byte) => byte ^ pad)));
    this.#inner = padded(0x36);
    this.#outer = padded(0x5c);
  }

  /** The code of a text's UTF-8, as 32 bytes. */
  sign(text: string): Uint8Array<ArrayBuffer> {
    return message.slice(0, store(this.#code(this.#inner, text, 0)));
  }

  /** The code of a text's UTF-8, as 64 hexadecimal digits. */
  signHex(text: string): string {
    return this.startingWith("")(text);
  }

  /** Signs texts that begin alike, given the rest of each: the whole blocks of the beginning are hashed once, here. */
  startingWith(head: string): (rest: string) => string {
    // Where a character takes more than a byte, blocks and characters do not end together.
    const hashed = load(head) > head.length ? 0 : head.length & -BLOCK_BYTES;
    const inner = compress(this.#inner, hashed);
    const left = head.slice(hashed);
    return (rest) => hexOf(this.#code(inner, left + rest, hashed));
  }

  #code(inner: State, text: string, hashed: number): State {
    return digest(this.#outer, store(digest(inner, load(text), BLOCK_BYTES + hashed)), BLOCK_BYTES);
  }
}

/** Writes bytes, or a text's UTF-8, to the start of `message`, with room for the padding; returns how many they are. */
function load(content: string | Uint8Array): number {
  const most = content.length * 3 + 2 * BLOCK_BYTES; // no UTF-16 unit takes more than 3 bytes
  if (message.length < most) {
    message = new Uint8Array(most * 2);
    view = new DataView(message.buffer);
  }
  if (typeof content === "string") return encoder.encodeInto(content, message).written;
  message.set(content);
  return content.length;
}

/** Writes a state to the start of `message`; returns its length in bytes. */
function store(state: State): number {
  for (let i = 0; i < 8; i++) view.setInt32(i * 4, state[i]!);
  return 32;
}

function hexOf(state: State): string {
  let hex = "";
  for (let i = 0; i < 32; i++) hex += HEX_OF_BYTE[state[i >> 2]! >>> 24 - i % 4 * 8 & 255]!;
  return hex;
}

/** The hash of the first bytes of `message`, which come after `hashedBefore` bytes that led to the state `from`. */
function digest(from: State, byteLength: number, hashedBefore: number): State {
  const padded = byteLength + 8 + BLOCK_BYTES & -BLOCK_BYTES;
  message.fill(0, byteLength, padded);
  message[byteLength] = 0x80;
  view.setInt32(padded - 4, (hashedBefore + byteLength) * 8); // below 2^32: these are messages of some kilobytes
  return compress(from, padded);
}

function rotate(word: number, bits: number): number {
  return word >>> bits | word << 32 - bits;
}

/** The state after the blocks in the first bytes of `message`, which was `state` before them. */
function compress(state: State, byteLength: number): State {
  for (let offset = 0; offset < byteLength; offset += BLOCK_BYTES) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(offset + i * 4);
    // Rotations of rotations: one less for each sum than the standard writes it with.
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15]!;
      const y = w[i - 2]!;
      const s0 = rotate(x ^ rotate(x, 11), 7) ^ x >>> 3;
      const s1 = rotate(y ^ rotate(y, 2), 17) ^ y >>> 10;
      w[i] = w[i - 16]! + s0 + w[i - 7]! + s1 | 0;
    }
    // By index: destructuring takes longer than all that follows on some runtimes.
    let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!;
    let e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!;
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
    const mixed = [a, b, c, d, e, f, g, h];
    for (let i = 0; i < 8; i++) mixed[i] = mixed[i]! + state[i]! | 0;
    state = mixed;
  }
  return state;
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
