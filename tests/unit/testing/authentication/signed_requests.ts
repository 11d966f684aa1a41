import { AwsV4Signer } from "aws4fetch";
import { createS3Server, type S3Server, type S3ServerOptions } from "../../../../src/testing/mod.ts";

/** The time of the clock of every server in these tests. */
export const NOW = new Date("2026-01-31T12:00:00Z");

/** The options of a signed request. */
export interface RequestPlan {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly secret?: string;
  readonly sessionToken?: string;
  readonly region?: string;
  readonly at?: Date;
  /** The validity in seconds, which signs the query and not the headers. */
  readonly expires?: number;
}

/** Creates a server with the bucket "media" and a fixed clock. */
export function testServer(options: S3ServerOptions = {}): S3Server {
  return createS3Server({ buckets: ["media"], minPartSize: 1, now: () => NOW, ...options });
}

/** Creates a request to `http://localhost/PATH`, signed by aws4fetch, which shares no code with the server. */
export async function signed(path: string, plan: RequestPlan = {}): Promise<Request> {
  const url = new URL(`http://localhost${path}`);
  const presign = plan.expires !== undefined;
  if (presign) url.searchParams.set("X-Amz-Expires", `${plan.expires}`);
  const signer = new AwsV4Signer({
    method: plan.method ?? "GET",
    url: url.href,
    headers: plan.headers ?? {},
    ...(plan.body === undefined ? {} : { body: plan.body }),
    accessKeyId: "testkey",
    secretAccessKey: plan.secret ?? "testsecret",
    ...(plan.sessionToken === undefined ? {} : { sessionToken: plan.sessionToken }),
    service: "s3",
    region: plan.region ?? "us-east-1",
    datetime: (plan.at ?? NOW).toISOString().replace(/[-:]|\.\d{3}/g, ""),
    signQuery: presign,
    allHeaders: true,
  });
  const { method, url: signedUrl, headers, body } = await signer.sign();
  headers.delete("host");
  return new Request(signedUrl, { method, headers, ...(body === undefined ? {} : { body }) });
}

/** Sends one signed request. */
export async function send(server: S3Server, path: string, plan: RequestPlan = {}): Promise<Response> {
  return await server.fetch(await signed(path, plan));
}

/** Stores an object, and throws on an error status. */
export async function store(
  server: S3Server,
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<void> {
  const response = await send(server, path, { method: "PUT", body, headers });
  if (response.status !== 200) throw new Error(await response.text());
}

/** Stores an object in a versioned bucket, and returns its version id. */
export async function storeVersion(server: S3Server, path: string, body: string): Promise<string> {
  const response = await send(server, path, { method: "PUT", body });
  const versionId = response.headers.get("x-amz-version-id");
  if (response.status !== 200 || versionId === null) throw new Error(`no version: ${await response.text()}`);
  return versionId;
}

/** Creates a server with the versioned bucket "media". */
export function versionedServer(options: S3ServerOptions = {}): S3Server {
  return testServer({ versioning: ["media"], ...options });
}

/** Sends DeleteObjects for keys with version ids, and returns the document. */
export async function deleteMany(
  server: S3Server,
  objects: readonly (readonly [key: string, versionId?: string])[],
  quiet = false,
): Promise<string> {
  const entries = objects.map(([key, versionId]) =>
    `<Object><Key>${key}</Key>${versionId === undefined ? "" : `<VersionId>${versionId}</VersionId>`}</Object>`
  );
  const body = `<Delete>${entries.join("")}<Quiet>${quiet}</Quiet></Delete>`;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body)));
  const headers = { "x-amz-checksum-sha256": btoa(String.fromCharCode(...digest)) };
  const response = await send(server, "/media?delete", { method: "POST", body, headers });
  return await response.text();
}

/** The status and the error code of a response. */
export async function outcome(answer: Response | Promise<Response>): Promise<[number, string | undefined]> {
  const response = await answer;
  return [response.status, element(await response.text(), "Code")];
}

/** The raw text of the first element of a name. */
export function element(document: string, name: string): string | undefined {
  return elements(document, name)[0];
}

/** The raw texts of all elements of a name. */
export function elements(document: string, name: string): string[] {
  return [...document.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "gs"))].map((match) => match[1] ?? "");
}
