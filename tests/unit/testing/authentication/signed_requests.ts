import { AwsV4Signer } from "aws4fetch";
import { createS3Server, type S3Server, type S3ServerOptions } from "../../../../src/testing/mod.ts";

/** The moment every server of these tests stands at. */
export const NOW = new Date("2026-01-31T12:00:00Z");

/** What a test says of one request. */
export interface RequestPlan {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly secret?: string;
  readonly sessionToken?: string;
  readonly region?: string;
  readonly at?: Date;
  /** Signs the query for so many seconds, not the headers. */
  readonly expires?: number;
}

/** A server with one bucket, "media", whose clock stands still. */
export function testServer(options: S3ServerOptions = {}): S3Server {
  return createS3Server({ buckets: ["media"], minPartSize: 1, now: () => NOW, ...options });
}

/** A request to `http://localhost/PATH`, signed by aws4fetch, which shares no code with the server. */
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

/** Stores one object, and fails if that fails. */
export async function store(
  server: S3Server,
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<void> {
  const response = await send(server, path, { method: "PUT", body, headers });
  if (response.status !== 200) throw new Error(await response.text());
}

/** The status of an answer and the error code in it. */
export async function outcome(answer: Response | Promise<Response>): Promise<[number, string | undefined]> {
  const response = await answer;
  return [response.status, element(await response.text(), "Code")];
}

/** The raw text of the first such element. */
export function element(document: string, name: string): string | undefined {
  return elements(document, name)[0];
}

/** The raw text of every such element. */
export function elements(document: string, name: string): string[] {
  return [...document.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "gs"))].map((match) => match[1] ?? "");
}
