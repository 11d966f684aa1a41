import type { S3Storage } from "../../mod.ts";
import type { S3Context, StorageWishes } from "./case.ts";

/** A storage that records its requests in order, and may answer them without the server. */
export function counting(
  { open, peer }: S3Context,
  wishes: StorageWishes & Record<string, unknown> = {},
  answer: (request: Request) => Response | undefined = () => undefined,
): { storage: S3Storage; requests: { method: string; url: URL; headers: Headers }[] } {
  const requests: { method: string; url: URL; headers: Headers }[] = [];
  const send = peer.settings.fetch ?? fetch;
  const storage = open({
    ...wishes,
    fetch: async (request: Request) => {
      const { method, url, headers } = request;
      requests.push({ method, url: new URL(url), headers });
      const given = answer(request);
      if (given === undefined) return await send(request);
      await request.body?.cancel();
      return given;
    },
  });
  return { storage, requests };
}
