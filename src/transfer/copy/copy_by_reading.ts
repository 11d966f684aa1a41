import type { CopyInput } from "../../client/operations/copy_object.ts";
import { changed } from "../../client/operations/objects.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { asBytes, type Bytes } from "../../kit/bytes/bytes.ts";
import type { ChunkReader } from "../../kit/bytes/chunk_reader.ts";
import { readLimited } from "../../kit/bytes/read_limited.ts";
import { isEdge } from "../../runtime/detect.ts";
import { PieceBlob } from "../../runtime/transport/fetch_body.ts";
import { noSafeWrite } from "../write/condition_support.ts";
import { type CopySource, descriptiveHeaders } from "./multipart_copy.ts";
import { readObject } from "../read/object_reader.ts";
import { MAX_PUT_BYTES } from "../write/part_size.ts";
import { putWhole } from "../write/put.ts";

/**
 * Copies an object by reading it and storing it in one request, which services reject if the key exists. The bytes are
 * transferred through this machine as a stream.
 *
 * @throws {AlreadyExistsError} If the key exists.
 * @throws {NotSupportedError} If the object is larger than 5 GiB, or larger than one part on a runtime that cannot send a
 * stream of a known length.
 */
export async function copyByReading(client: S3Client, copy: CopyInput, source: CopySource): Promise<void> {
  const { source: _, headers, described: __, tagging: ___, ...target } = copy;
  const { size } = source;
  const isSmall = size <= client.settings.transferConfig.multipartThreshold;
  if (size > MAX_PUT_BYTES || (!isSmall && isEdge())) throw noSafeWrite(target);
  const open = async (): Promise<ChunkReader> => {
    const how = { sameAs: source, signal: target.signal, isNested: !isSmall };
    return (await readObject(source.client, { ...source.target, ...how })).chunks;
  };
  const body = new ObjectBlob(size, open);
  const allHeaders = { ...await descriptiveHeaders(source, copy), ...headers };
  const parameters = { headers: allHeaders, overwrite: false, identified: target.signal !== undefined };
  await putWhole(
    client,
    target,
    parameters,
    isSmall ? await readLimited(body.stream(), size, () => changed(source.target)) : body,
  );
}

/** The bytes of an object, which are requested each time they are sent. */
class ObjectBlob extends PieceBlob {
  readonly #open: () => Promise<ChunkReader>;

  constructor(size: number, open: () => Promise<ChunkReader>) {
    super(size, () => new Uint8Array(0));
    this.#open = open;
  }

  override stream(): ReadableStream<Bytes> {
    let reader: ChunkReader | undefined;
    return new ReadableStream({
      pull: async (controller) => {
        reader ??= await this.#open();
        const chunk = await reader.read();
        if (chunk === undefined) controller.close();
        else {
          this.onPiece?.();
          controller.enqueue(asBytes(chunk));
        }
      },
      cancel: async (reason) => await reader?.cancel(reason),
    }, { highWaterMark: 0 });
  }
}
