import { encodeUtf8 } from "../kit/bytes/bytes.ts";

/**
 * Computes HMAC-SHA-1 (RFC 2104, FIPS 180-4) for signatures of version 2, synchronously, which WebCrypto does not.
 * Not for new uses.
 *
 * @returns The code of the UTF-8 of the text, 20 bytes.
 */
export function hmacSha1(key: string, text: string): Uint8Array<ArrayBuffer> {
  let bytes = encodeUtf8(key);
  if (bytes.length > 64) bytes = sha1(bytes);
  const padded = (pad: number, rest: Uint8Array): Uint8Array<ArrayBuffer> => {
    const message = new Uint8Array(64 + rest.length);
    message.set(bytes);
    for (let i = 0; i < 64; i++) message[i]! ^= pad;
    message.set(rest, 64);
    return sha1(message);
  };
  return padded(0x5c, padded(0x36, encodeUtf8(text)));
}

function sha1(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(bytes.length + 8 + 64 & -64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, bytes.length * 8);
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const w = new Int32Array(80);
  for (let offset = 0; offset < padded.length; offset += 64) {
    for (let i = 0; i < 80; i++) {
      w[i] = i < 16 ? view.getInt32(offset + i * 4) : rotate(w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!, 1);
    }
    let [a, b, c, d, e] = state as [number, number, number, number, number];
    for (let i = 0; i < 80; i++) {
      const next = rotate(a, 5) + e + w[i]! + mix(Math.floor(i / 20), b, c, d) | 0;
      [a, b, c, d, e] = [next, a, rotate(b, 30), c, d];
    }
    [a, b, c, d, e].forEach((word, index) => state[index] = state[index]! + word | 0);
  }
  const digest = new DataView(new ArrayBuffer(20));
  state.forEach((word, index) => digest.setInt32(index * 4, word));
  return new Uint8Array(digest.buffer);
}

/** The function and the constant of each quarter of the rounds. The constants are square roots in binary. */
function mix(quarter: number, b: number, c: number, d: number): number {
  const mixed = quarter === 0 ? b & c | ~b & d : quarter === 2 ? b & c | b & d | c & d : b ^ c ^ d;
  return mixed + Math.floor(Math.sqrt([2, 3, 5, 10][quarter]!) * 2 ** 30);
}

function rotate(word: number, bits: number): number {
  return word << bits | word >>> 32 - bits;
}
