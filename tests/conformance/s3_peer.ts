/** The S3 server of a run, and requests to it without a storage. */
import { UNSIGNED_PAYLOAD } from "../../src/aws/amz_values.ts";
import { signRequest } from "../../src/signing/sign_request.ts";
import { childrenNamed, childText, parseXml } from "../../src/kit/text/xml.ts";

export interface S3PeerSettings {
  /** The server's address; omitted if `fetch` is the server. */
  readonly endpoint?: string;
  readonly fetch?: (request: Request) => Promise<Response>;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
}

/** A server, and one bucket on it. */
export class S3Peer {
  readonly settings: S3PeerSettings;

  constructor(settings: S3PeerSettings) {
    this.settings = settings;
  }

  /** Sends any request, also to a server inside of this process. */
  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const send = this.settings.fetch;
    return send === undefined ? await fetch(url, init) : await send(new Request(url, init));
  }

  /** The options that make an S3Storage use this server. */
  storageOptions(): Record<string, unknown> {
    const { endpoint, fetch, accessKey, secretKey, bucket } = this.settings;
    return {
      bucketName: bucket,
      accessKey,
      secretKey,
      endpointUrl: endpoint ?? "http://localhost",
      ...(fetch === undefined ? {} : { fetch }),
    };
  }

  async createBucket(): Promise<void> {
    const response = await this.#signed("PUT", "");
    await response.body?.cancel();
    if (!response.ok && response.status !== 409) throw new Error(`cannot make a bucket: status ${response.status}`);
  }

  /** Stores an empty object under any key, also one that a storage refuses. */
  async putEmpty(key: string): Promise<void> {
    const response = await this.#signed("PUT", `/${key}`);
    await response.body?.cancel();
    if (!response.ok) throw new Error(`cannot put ${key}: status ${response.status}`);
  }

  /** The keys of the open multipart uploads below a prefix. */
  async openUploads(prefix: string): Promise<string[]> {
    const response = await this.#signed("GET", `?prefix=${encodeURIComponent(prefix)}&uploads=`);
    const document = parseXml(await response.text());
    return childrenNamed(document, "Upload").map((upload) => childText(upload, "Key") ?? "");
  }

  async #signed(method: string, rest: string): Promise<Response> {
    const { endpoint = "http://localhost", bucket, accessKey, secretKey } = this.settings;
    const url = `${endpoint}/${bucket}${rest}`;
    const headers = signRequest({
      method,
      url,
      headers: {},
      payloadHash: UNSIGNED_PAYLOAD,
      credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
      region: "us-east-1",
      service: "s3",
      date: new Date(),
    });
    return await this.fetch(url, { method, headers, ...(method === "PUT" ? { body: new Uint8Array(0) } : {}) });
  }
}
