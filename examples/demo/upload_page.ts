import { isStorageError, type Storage } from "@storages/s3";
import { handleUpload, UploadError } from "@storages/s3/upload";
import { inBytes, inUtc } from "./report.ts";

/** Serves a page that shows the files of a storage and takes new ones, on a free port of this machine. */
export function serveUploadPage(storage: Storage): AsyncDisposable & { readonly url: string } {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => answer(storage, request).catch(explain),
  );
  return { url: `http://127.0.0.1:${server.addr.port}/`, [Symbol.asyncDispose]: () => server.shutdown() };
}

async function answer(storage: Storage, request: Request): Promise<Response> {
  const url = URL.parse(request.url); // a Host that is none makes no URL
  if (url?.pathname !== "/") return text("There is no such page", 404);
  if (request.method === "POST") return await takeForm(storage, request);
  if (request.method === "GET" || request.method === "HEAD") return await showFiles(storage);
  return text("Use GET or POST", 405);
}

async function takeForm(storage: Storage, request: Request): Promise<Response> {
  const { files } = await handleUpload(request, {
    storage,
    maxTotalBytes: 256 * 1024 ** 2,
    // Names come from strangers: made safe, kept in one folder, and never in the place of a file that is there.
    name: ({ originalName }) => `uploads/${storage.getValidName(originalName)}`,
  });
  if (files.length === 0) return text("Choose a file: the form has none", 400);
  return new Response(null, { status: 303, headers: { location: "/" } });
}

async function showFiles(storage: Storage): Promise<Response> {
  const rows: string[] = [];
  for await (const { name, size, modifiedTime } of storage.list("", { recursive: true })) {
    // S3 knows nothing of what strangers' files may do: browsers download them.
    const parameters = { ResponseContentDisposition: "attachment" };
    const link = `<a href="${escapeHtml(await storage.url(name, { parameters }))}">${escapeHtml(name)}</a>`;
    rows.push(`<tr><td>${link}</td><td>${inBytes(size)}</td><td>${inUtc(modifiedTime)}</td></tr>`);
  }
  const html = PAGE.replace("<!-- rows -->", () => rows.join("\n      "));
  return new Response(html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    },
  });
}

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Uploads</title>
    <style>
      body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
      form { padding: 1rem; border: 1px solid #bbb; border-radius: .5rem; }
      table { width: 100%; margin-top: 2rem; border-collapse: collapse; }
      th, td { padding: .4rem .5rem; border-bottom: 1px solid #ddd; text-align: left; overflow-wrap: anywhere; }
      td:nth-child(n+2), th:nth-child(n+2) { text-align: right; white-space: nowrap; }
    </style>
  </head>
  <body>
    <h1>Uploads</h1>
    <form method="post" enctype="multipart/form-data">
      <input type="file" name="file" multiple required aria-label="Files">
      <button>Upload</button>
    </form>
    <table>
      <tr><th>File</th><th>Size</th><th>Stored</th></tr>
      <!-- rows -->
    </table>
  </body>
</html>
`;

/** A request that fails is answered; the page goes on. */
function explain(error: unknown): Response {
  if (error instanceof UploadError) return text(error.message, error.status);
  return text(error instanceof Error ? error.message : String(error), isStorageError(error) ? 502 : 500);
}

function text(message: string, status: number): Response {
  return new Response(`${message}\n`, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
