/** Reads objects that the service or the runtime decompresses. Loaded on demand: only Google Cloud Storage has them. */
import { getObject, type ObjectTarget, type ResponseHead } from "../client/operations/objects.ts";
import type { S3Client } from "../client/s3_client.ts";
import { peek } from "../kit/bytes/peek.ts";
import type { ByteSource } from "../storage/contract/bytes.ts";
import type { ObjectStat } from "../storage/contract/entry.ts";
import { getUnencoded, streamOf } from "../transfer/read/encoded_object.ts";

/** Opens an object that is kept as gzip; its bytes are decompressed already, unless the transport decodes nothing. */
export async function openTranscoded(client: S3Client, target: ObjectTarget): Promise<ByteSource> {
  const { head, body } = await getObject(client, { ...target, decodes: true }, getUnencoded);
  const { head: [first, second], stream } = await peek(streamOf(body), 2);
  return new TranscodedSource(client, target, head, stream, !(first === 0x1f && second === 0x8b));
}

/** The bytes of the whole object; a read from another position reads them again up to there. */
class TranscodedSource implements ByteSource {
  readonly decompressed: boolean;
  readonly stat: ObjectStat;
  readonly #client: S3Client;
  readonly #target: ObjectTarget;
  readonly #head: ResponseHead;
  #unread: ReadableStream<Uint8Array> | undefined;

  constructor(
    client: S3Client,
    target: ObjectTarget,
    head: ResponseHead,
    unread: ReadableStream<Uint8Array>,
    decompressed: boolean,
  ) {
    this.#client = client;
    this.#target = target;
    this.#head = head;
    this.#unread = unread;
    this.decompressed = decompressed;
    this.stat = head.all();
  }

  async open(start: number): Promise<ReadableStream<Uint8Array>> {
    const unread = this.#unread;
    this.#unread = undefined;
    return without(unread ?? await this.#readAgain(), start);
  }

  async close(): Promise<void> {
    await this.#unread?.cancel();
    this.#unread = undefined;
  }

  async #readAgain(): Promise<ReadableStream<Uint8Array>> {
    const whole = { ...this.#target, decodes: true, sameAs: this.#head };
    return streamOf((await getObject(this.#client, whole, getUnencoded)).body);
  }
}

/** A stream without its first bytes. */
function without(stream: ReadableStream<Uint8Array>, bytes: number): ReadableStream<Uint8Array> {
  if (bytes === 0) return stream;
  return stream.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        const skipped = Math.min(bytes, chunk.byteLength);
        bytes -= skipped;
        if (skipped < chunk.byteLength) controller.enqueue(chunk.subarray(skipped));
      },
    }),
  );
}
