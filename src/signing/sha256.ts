/**
 * SHA-256 (FIPS 180-4) and HMAC (RFC 2104), synchronous and in plain JavaScript.
 *
 * WebCrypto is asynchronous, which costs more than hashing the few hundred bytes that a signature covers. So signatures
 * are computed here, and the runtime hashes bodies, which are large.
 */
import { encodeUtf8 } from "../kit/bytes/bytes.ts";
import type { HmacKey, MakeHmacKey } from "../kit/bytes/hmac_key.ts";

/** The first 64 primes, from which the constants of the algorithm are computed. */
const PRIMES = firstPrimes(64);

/** The first 32 bits of the fractional parts of the cube roots of the primes. */
const ROUND_CONSTANTS = new Int32Array(PRIMES.map((prime) => fraction(Math.cbrt(prime))));

/** The eight words between one block and the next. */
type State = Int32Array<ArrayBuffer>;

/** The first 32 bits of the fractional parts of the square roots of the first 8 primes. */
const INITIAL_STATE: State = new Int32Array(PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime))));

/**
 * The part of hashing a text with a known ending that can be done in advance: the schedules of the blocks that hold
 * nothing of its start. They depend on the length of the start alone, and are a third of the work.
 */
interface Plan {
  readonly startLength: number;
  readonly blocks: readonly Int32Array[];
}

const BLOCK_BYTES = 64;
/** The length of a hash in hexadecimal. */
const HEX_DIGITS = 64;

// Scratch space, safe to share because nothing here awaits. Allocating it for each call would take as long as the
// hashing.
/** The message schedule, by its name in the standard. */
const w = new Int32Array(64);
const state: State = new Int32Array(8);
const digits = new Uint8Array(HEX_DIGITS);
let message = new Uint8Array(1024);
let view = new DataView(message.buffer);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A key for any number of HMAC-SHA-256 codes. The constructor hashes the two key blocks once. */
class HmacSha256 implements HmacKey {
  readonly #inner: State;
  readonly #outer: State;

  /** @param key The secret: text as UTF-8, or bytes. */
  constructor(key: string | Uint8Array) {
    let byteLength = load(key);
    if (byteLength > BLOCK_BYTES) {
      digest(INITIAL_STATE, byteLength, 0);
      byteLength = store();
    }
    const block = message.slice(0, BLOCK_BYTES).fill(0, byteLength);
    const padded = (pad: number): State => midstate(INITIAL_STATE, load(block.map((byte) => byte ^ pad)));
    this.#inner = padded(0x36);
    this.#outer = padded(0x5c);
  }

  sign(text: string): Uint8Array<ArrayBuffer> {
    this.#code(this.#inner, load(text), 0);
    return message.slice(0, store());
  }

  overDigests(head: string, ending: string): (start: string) => string {
    const headLength = load(head);
    const hashed = headLength & -BLOCK_BYTES;
    const left = message.slice(hashed, headLength);
    const inner = midstate(this.#inner, hashed);
    const end = encodeUtf8(ending);
    // Indexed by the offset in a block where the ending begins. Keys of one album have few lengths, so plans are
    // reused.
    const plans: Plan[] = [];
    return (start) => {
      const startLength = load(start, end.length);
      message.set(end, startLength);
      const padded = pad(startLength + end.length, 0);
      const mixed = startLength + BLOCK_BYTES - 1 & -BLOCK_BYTES;
      let plan = plans[startLength % BLOCK_BYTES];
      if (plan?.startLength !== startLength) {
        const blocks: Int32Array[] = [];
        for (let offset = mixed; offset < padded; offset += BLOCK_BYTES) blocks.push(schedule(offset).slice());
        plans[startLength % BLOCK_BYTES] = plan = { startLength, blocks };
      }
      state.set(INITIAL_STATE);
      compress(mixed);
      for (const block of plan.blocks) rounds(block);
      message.set(left);
      storeHex(message, left.length);
      this.#code(inner, left.length + HEX_DIGITS, hashed);
      return stateHex();
    };
  }

  /**
   * Computes into `state` the code of the first bytes of `message`, after `hashed` bytes that led to the state `inner`.
   */
  #code(inner: State, byteLength: number, hashed: number): void {
    digest(inner, byteLength, BLOCK_BYTES + hashed);
    digest(this.#outer, store(), BLOCK_BYTES);
  }
}

/** Makes keys that run on any runtime. */
export const plainHmacKey: MakeHmacKey = (secret) => new HmacSha256(secret);

/** Writes bytes, or the UTF-8 of a text, to the start of `message`, with room for the padding. Returns their number. */
function load(content: string | Uint8Array, more = 0): number {
  const most = content.length * 3 + more + 2 * BLOCK_BYTES; // no UTF-16 unit takes more than 3 bytes
  if (message.length < most) {
    message = new Uint8Array(most * 2);
    view = new DataView(message.buffer);
  }
  if (typeof content === "string") return encoder.encodeInto(content, message).written;
  message.set(content);
  return content.length;
}

/** Writes `state` to the start of `message`. Returns its length in bytes. */
function store(): number {
  for (let i = 0; i < 8; i++) view.setInt32(i * 4, state[i]!);
  return 32;
}

/** Writes `state` in hexadecimal into `target`. */
function storeHex(target: Uint8Array, offset: number): void {
  for (let i = 0; i < HEX_DIGITS; i++) {
    const digit = state[i >> 3]! >>> (~i << 2 & 28) & 15;
    target[offset + i] = digit + (digit < 10 ? 48 : 87);
  }
}

/** Returns `state` in hexadecimal. All digits are decoded together, as joining them as strings takes twice as long. */
function stateHex(): string {
  storeHex(digits, 0);
  return decoder.decode(digits);
}

/**
 * Computes into `state` the hash of the first bytes of `message`, after `hashedBefore` bytes that led to the state
 * `from`.
 */
function digest(from: State, byteLength: number, hashedBefore: number): void {
  const padded = pad(byteLength, hashedBefore);
  state.set(from);
  compress(padded);
}

/** Pads the first bytes of `message` to whole blocks, for {@linkcode digest}. Returns the length of the blocks. */
function pad(byteLength: number, hashedBefore: number): number {
  const padded = byteLength + 8 + BLOCK_BYTES & -BLOCK_BYTES;
  message.fill(0, byteLength, padded);
  message[byteLength] = 0x80;
  view.setInt32(padded - 4, (hashedBefore + byteLength) * 8); // below 2^32, as messages have some kilobytes
  return padded;
}

/** Returns the state after hashing the blocks in the first bytes of `message`, beginning with the state `from`. */
function midstate(from: State, byteLength: number): State {
  state.set(from);
  compress(byteLength);
  return state.slice();
}

/** Hashes the blocks in the first bytes of `message` into `state`. */
function compress(byteLength: number): void {
  for (let offset = 0; offset < byteLength; offset += BLOCK_BYTES) rounds(schedule(offset));
}

/**
 * Extends a block of `message` to one word for each round.
 *
 * Here and below, rotations are written inline and each sum of two is cut to 32 bits: Bun would call a function for
 * each rotation, and would compute a longer sum in floating point.
 */
function schedule(offset: number): Int32Array {
  for (let i = 0; i < 16; i++) w[i] = view.getInt32(offset + i * 4);
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15]!;
    const y = w[i - 2]!;
    const s0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3;
    const s1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
    w[i] = (w[i - 16]! + s0 | 0) + (w[i - 7]! + s1 | 0) | 0;
  }
  return w;
}

/** Hashes one block, given as its schedule, into `state`. */
function rounds(words: Int32Array): void {
  // Read by index: on some runtimes destructuring takes longer than the rest of the function.
  let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!;
  let e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!;
  for (let i = 0; i < 64; i++) {
    const s1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
    const choice = g ^ e & (f ^ g);
    const t1 = (h + s1 | 0) + (choice + (ROUND_CONSTANTS[i]! + words[i]! | 0) | 0) | 0;
    const s0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
    const majority = a & b | c & (a | b);
    h = g;
    g = f;
    f = e;
    e = d + t1 | 0;
    d = c;
    c = b;
    b = a;
    a = t1 + (s0 + majority | 0) | 0;
  }
  state[0] = state[0]! + a | 0;
  state[1] = state[1]! + b | 0;
  state[2] = state[2]! + c | 0;
  state[3] = state[3]! + d | 0;
  state[4] = state[4]! + e | 0;
  state[5] = state[5]! + f | 0;
  state[6] = state[6]! + g | 0;
  state[7] = state[7]! + h | 0;
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
