/** A Worker that moves one large file, to measure its memory: it saves the body of a POST, and sends the file otherwise. */
import { S3Storage } from "@storages/s3";

export default {
  async fetch(request: Request): Promise<Response> {
    const options = JSON.parse(request.headers.get("x-test-options") ?? "{}");
    if (request.headers.has("x-test-empty")) return new Response("empty");
    const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", ...options });
    if (request.method === "POST") return new Response(await storage.save("large.bin", request));
    return new Response((await storage.open("large.bin")).readable);
  },
};
