import { isStorageError, type Storage } from "@storages/s3";
import { handleUpload, UploadError } from "@storages/s3/upload";
import { inBytes, inUtc } from "./report.ts";

/** Serves a page that lists the files of a storage and takes uploads, on a free port of this machine. */
export function serveUploadPage(storage: Storage): AsyncDisposable & { readonly url: string } {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => answer(storage, request).catch(explain),
  );
  return { url: `http://127.0.0.1:${server.addr.port}/`, [Symbol.asyncDispose]: () => server.shutdown() };
}

async function answer(storage: Storage, request: Request): Promise<Response> {
  const url = URL.parse(request.url); // null for a malformed Host header
  if (url?.pathname !== "/") return text("Page not found", 404);
  if (request.method === "POST") return await takeForm(storage, request);
  if (request.method === "GET" || request.method === "HEAD") return await showFiles(storage);
  return text("Use GET or POST", 405);
}

async function takeForm(storage: Storage, request: Request): Promise<Response> {
  const { files } = await handleUpload(storage, request, {
    maxTotalBytes: 256 * 1024 ** 2,
    // Names are untrusted: they are made safe and kept in one folder, and replace no other file.
    name: ({ originalName }) => `uploads/${storage.getValidName(originalName)}`,
  });
  if (files.length === 0) return text("The form has no file: choose one", 400);
  return new Response(null, { status: 303, headers: { location: "/" } });
}

async function showFiles(storage: Storage): Promise<Response> {
  const rows: string[] = [];
  for await (const { name, size, modifiedTime } of storage.list("", { recursive: true })) {
    // S3 sends no policy against scripts in uploaded files, so browsers download them instead of showing them.
    const parameters = { ResponseContentDisposition: "attachment" };
    const link = `<a href="${escapeHtml(await storage.url(name, { parameters }))}">${breakable(name)}</a>`;
    rows.push(`<tr><td>${link}</td><td>${inBytes(size)}</td><td>${inUtc(modifiedTime)}</td></tr>`);
  }
  const html = PAGE.replace("<!-- rows -->", () => rows.join("\n        "));
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
      :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 25%, transparent); }
      body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
      form { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem; padding: 1rem; border: 1px solid var(--line); border-radius: .5rem; }
      input { flex: 1 1 15rem; min-width: 0; font: inherit; }
      button { font: inherit; padding: .25rem 1rem; }
      table { width: 100%; margin-top: 2rem; border-collapse: collapse; }
      th, td { padding: .5rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
      td:first-child { overflow-wrap: anywhere; }
      :is(th, td):nth-child(n+2) { text-align: right; white-space: nowrap; }
      td:nth-child(n+2) { font-variant-numeric: tabular-nums; }
      @media (max-width: 40rem) {
        thead { display: none; }
        tr { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: .75rem 0; border-bottom: 1px solid var(--line); }
        td { padding: 0; border: 0; }
        td:first-child { flex: 1 0 100%; }
        td:nth-child(n+2) { font-size: .875rem; opacity: .75; }
      }
    </style>
  </head>
  <body>
    <h1>Uploads</h1>
    <form method="post" enctype="multipart/form-data">
      <input type="file" name="file" multiple required aria-label="Files">
      <button>Upload</button>
    </form>
    <table>
      <thead>
        <tr><th>File</th><th>Size</th><th>Stored</th></tr>
      </thead>
      <tbody>
        <!-- rows -->
      </tbody>
    </table>
  </body>
</html>
`;

/** Answers a request that failed; the service continues. */
function explain(error: unknown): Response {
  if (error instanceof UploadError) return text(error.message, error.status);
  return text(error instanceof Error ? error.message : String(error), isStorageError(error) ? 502 : 500);
}

function text(message: string, status: number): Response {
  return new Response(`${message}\n`, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}

/** A name that may be broken after each slash and underscore. */
function breakable(name: string): string {
  return escapeHtml(name).replace(/[/_]/g, "$&<wbr>");
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
