/** Writes a seekable WebM film. Source: https://www.matroska.org/technical/elements.html. */

/** An element: its id in hexadecimal, a size of eight bytes, and its content. */
function element(id: string, ...content: readonly Uint8Array[]): Uint8Array {
  const idBytes = Uint8Array.from(id.match(/../g)!, (byte) => parseInt(byte, 16));
  const length = content.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const whole = new Uint8Array(idBytes.byteLength + 8 + length);
  whole.set(idBytes);
  whole.set(number(length), idBytes.byteLength);
  whole[idBytes.byteLength] = 0x01; // what follows are the seven bytes of the size
  let offset = idBytes.byteLength + 8;
  for (const bytes of content) {
    whole.set(bytes, offset);
    offset += bytes.byteLength;
  }
  return whole;
}

/** An integer of eight bytes, so that sizes are known before the content. */
function number(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

function float(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return bytes;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A film of one VP8 key frame per second, with padding after each frame to make the file large. */
export function webm(
  frames: readonly Uint8Array[],
  width: number,
  height: number,
  paddingBytes: number,
): { bytes: Uint8Array; frameOffsets: number[] } {
  const header = element(
    "1a45dfa3",
    element("4282", text("webm")),
    element("4287", number(4)),
    element("4285", number(2)),
  );
  const info = element("1549a966", element("2ad7b1", number(1_000_000)), element("4489", float(frames.length * 1000)));
  const video = element("e0", element("b0", number(width)), element("ba", number(height)));
  const track = [["d7", number(1)], ["73c5", number(1)], ["83", number(1)], ["86", text("V_VP8")]] as const;
  const tracks = element("1654ae6b", element("ae", ...track.map(([id, value]) => element(id, value)), video));
  const padding = element("ec", new Uint8Array(paddingBytes));
  const clusters = frames.map((frame, second) => {
    const block = element("a3", new Uint8Array([0x81, 0, 0, 0x80]), frame);
    return element("1f43b675", element("e7", number(second * 1000)), block, padding);
  });
  const cues = (positions: readonly number[]): Uint8Array =>
    element(
      "1c53bb6b",
      ...positions.map((position, second) => {
        const where = element("b7", element("f7", number(1)), element("f1", number(position)));
        return element("bb", element("b3", number(second * 1000)), where);
      }),
    );
  let position = info.byteLength + tracks.byteLength + cues(frames.map(() => 0)).byteLength;
  const positions = clusters.map(({ byteLength }) => (position += byteLength) - byteLength);
  const segment = element("18538067", info, tracks, cues(positions), ...clusters);
  const bytes = new Uint8Array(header.byteLength + segment.byteLength);
  bytes.set(header);
  bytes.set(segment, header.byteLength);
  const start = header.byteLength + 12; // after the segment's id and size
  return { bytes, frameOffsets: positions.map((one) => start + one) };
}
