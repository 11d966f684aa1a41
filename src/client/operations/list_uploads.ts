import { findRepetition } from "../repetition.ts";
import { childrenNamed, childText } from "../../kit/text/xml.ts";
import type { RequestHeaders } from "../request.ts";
import { invalidResponse } from "../invalid_response.ts";
import type { S3Client } from "../s3_client.ts";

/** A multipart upload that was neither completed nor aborted. */
export interface ListedUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly initiated: Date;
  /** The time since `initiated`, by the clock of the service. */
  readonly ageSeconds: number;
}

/** Yields the open uploads of keys with a prefix, 1,000 per request (ListMultipartUploads). */
export async function* listUploads(client: S3Client, input: {
  readonly bucket: string;
  readonly prefix: string;
  readonly headers?: RequestHeaders | undefined;
  readonly signal?: AbortSignal | undefined;
}): AsyncGenerator<ListedUpload> {
  const { prefix, ...target } = input;
  const isRepeated = findRepetition();
  let markers: Record<string, string | undefined> = {};
  for (;;) {
    const { document, response } = await client.sendForXml({
      operation: "ListMultipartUploads",
      method: "GET",
      ...target,
      // With encoding-type, Ceph RGW does not report whether keys are encoded.
      query: { uploads: "", prefix, ...markers },
    }, "ListMultipartUploadsResult");
    // The header has no milliseconds, but the dates of uploads may have.
    const now = Date.parse(response.headers.get("date") ?? "") + 999 || client.now().getTime();
    for (const upload of childrenNamed(document, "Upload")) {
      const initiated = new Date(childText(upload, "Initiated") ?? NaN);
      yield {
        key: childText(upload, "Key") ?? "",
        uploadId: childText(upload, "UploadId") ?? "",
        initiated,
        ageSeconds: (now - initiated.getTime()) / 1000,
      };
    }
    if (childText(document, "IsTruncated") !== "true") return;
    const next = {
      "key-marker": childText(document, "NextKeyMarker"),
      "upload-id-marker": childText(document, "NextUploadIdMarker"),
    };
    if (!next["key-marker"] || isRepeated(JSON.stringify(next))) {
      throw invalidResponse("ListMultipartUploads", "its markers repeat", input);
    }
    markers = next;
  }
}
