/** A service that serves the files of the table on each runtime, and reports their state. */
import { serve } from "../../src/serve/mod.ts";
import { MemoryStorage } from "../../src/storage/mod.ts";
import { saveFiles } from "../unit/serve/serve_stage.ts";

const storage = new MemoryStorage();
let saved: Promise<void> | undefined;

export async function answerFile(request: Request): Promise<Response> {
  await (saved ??= saveFiles(storage));
  const { pathname, searchParams } = new URL(request.url);
  const name = decodeURIComponent(pathname.slice(1));
  if (searchParams.has("stat")) return Response.json(await storage.stat(name));
  return await serve(storage, request, { name });
}

export default { fetch: answerFile };
