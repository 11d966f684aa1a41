import { childText, exactChildText } from "../../kit/text/xml.ts";
import { invalidResponse } from "../invalid_response.ts";
import type { RequestHeaders } from "../request.ts";
import type { S3Client } from "../s3_client.ts";
import { listingPages } from "./list_pages.ts";

/** A multipart upload that was neither completed nor aborted. */
export interface ListedUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly initiated: Date;
  /** The time since `initiated`, by the clock of the service. */
  readonly ageSeconds: number;
}

/**
 * Yields the open uploads of keys with a prefix, 1,000 per request (ListMultipartUploads).
 *
 * @throws {ServiceError} If the pages repeat, or an entry is incomplete.
 */
export async function* listUploads(client: S3Client, input: {
  readonly bucket: string;
  readonly prefix: string;
  readonly headers?: RequestHeaders | undefined;
  readonly signal?: AbortSignal | undefined;
}): AsyncGenerator<ListedUpload> {
  const { prefix, ...target } = input;
  const pages = listingPages(client, {
    operation: "ListMultipartUploads",
    root: "ListMultipartUploadsResult",
    ...target,
    // With encoding-type, Ceph RGW does not report whether keys are encoded.
    query: { uploads: "", prefix },
    markers: { "key-marker": "NextKeyMarker", "upload-id-marker": "NextUploadIdMarker" },
    readMarker: (text, { decode }) => decode(text),
    entries: ["Upload"],
    ids: ["Key", "UploadId"],
  });
  for await (const { entries, response, decode } of pages) {
    // The header has no milliseconds, but the dates of uploads may have.
    const now = Date.parse(response.headers.get("date") ?? "") + 999 || client.now().getTime();
    for (const upload of entries) {
      const key = exactChildText(upload, "Key", "UploadId");
      const uploadId = childText(upload, "UploadId");
      if (!key) throw invalidResponse("ListMultipartUploads", "missing key", target);
      // To abort an upload without its id would be to delete the object.
      if (!uploadId) throw invalidResponse("ListMultipartUploads", "missing UploadId", { ...target, key });
      const initiated = new Date(childText(upload, "Initiated") ?? NaN);
      yield { key: decode(key), uploadId, initiated, ageSeconds: (now - initiated.getTime()) / 1000 };
    }
  }
}
