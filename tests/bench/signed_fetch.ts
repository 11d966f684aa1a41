/** A hand-written `fetch` with SigV4, as short as it can be: what any client has to do at least. */
import { createHash, createHmac } from "node:crypto";

interface Account {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
}

/** Returns a function that signs a request for S3 and sends it by `fetch`. */
export function signedFetch(
  { accessKey, secretKey, region }: Account,
): (method: string, url: string, body?: Uint8Array<ArrayBuffer>) => Promise<Response> {
  const hmac = (key: string | Uint8Array, text: string): Uint8Array => createHmac("sha256", key).update(text).digest();
  let day = "";
  let signingKey: Uint8Array = new Uint8Array();
  return (method, url, body) => {
    const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
    if (!time.startsWith(day) || day === "") {
      day = time.slice(0, 8);
      signingKey = [day, region, "s3", "aws4_request"].reduce<Uint8Array>(
        hmac,
        new TextEncoder().encode(`AWS4${secretKey}`),
      );
    }
    const payloadHash = body === undefined
      ? "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      : "UNSIGNED-PAYLOAD";
    const pathAt = url.indexOf("/", 8);
    const names = "host;x-amz-content-sha256;x-amz-date";
    const canonical = `${method}\n${url.slice(pathAt)}\n\nhost:${url.slice(8, pathAt)}\n` +
      `x-amz-content-sha256:${payloadHash}\nx-amz-date:${time}\n\n${names}\n${payloadHash}`;
    const scope = `${day}/${region}/s3/aws4_request`;
    const digest = createHash("sha256").update(canonical).digest("hex");
    const signature = createHmac("sha256", signingKey)
      .update(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${digest}`)
      .digest("hex");
    return fetch(url, {
      method,
      body: body ?? null,
      headers: {
        "x-amz-content-sha256": payloadHash,
        "x-amz-date": time,
        authorization:
          `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
      },
    });
  };
}
