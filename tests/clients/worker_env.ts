/** A Worker that makes its storage of its own `env`. */
import { S3Storage } from "@storages/s3";

export default {
  async fetch(_request: Request, env: object): Promise<Response> {
    const storage = S3Storage.fromEnv(env);
    await storage.save("a.txt", "storage contents");
    const { querystringExpire, objectParameters, transferConfig } = storage.settings;
    const read = [await storage.readText("a.txt"), querystringExpire, objectParameters, transferConfig.maxConcurrency];
    return Response.json([...read, Object.keys(env)]);
  },
};
