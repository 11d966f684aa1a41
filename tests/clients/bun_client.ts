// Runs on Bun with the server at S3_ENDPOINT; exits with an error at the first step that fails.
// Uses only APIs of Bun through globalThis, so that Deno can type-check this file.
interface BunFile {
  text(): Promise<string>;
  slice(start: number, end: number): BunFile;
  exists(): Promise<boolean>;
  stat(): Promise<{ size: number; type: string }>;
  writer(options: { partSize: number; queueSize: number }): {
    write(bytes: Uint8Array): number | Promise<number>;
    end(): Promise<number>;
  };
}
interface BunS3Client {
  write(key: string, body: string | Uint8Array, options?: { type: string }): Promise<number>;
  file(key: string): BunFile;
  delete(key: string): Promise<void>;
  presign(key: string, options: { expiresIn: number; method?: string }): string;
  list(
    options: { prefix?: string; maxKeys?: number; continuationToken?: string },
  ): Promise<{ contents?: { key: string }[]; isTruncated?: boolean; nextContinuationToken?: string }>;
}
interface BunGlobals {
  Bun: { S3Client: new (options: Record<string, unknown>) => BunS3Client };
  process: { env: Record<string, string | undefined> };
}

const { Bun, process } = globalThis as unknown as BunGlobals;
const settings = { bucket: "media", endpoint: process.env.S3_ENDPOINT, region: "us-east-1", accessKeyId: "testkey" };
const client = new Bun.S3Client({ ...settings, secretAccessKey: "testsecret" });

function expect(step: string, actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) === JSON.stringify(expected)) return;
  throw new Error(`${step}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
}

async function outcome(url: string): Promise<[number, string | undefined]> {
  const response = await fetch(url);
  return [response.status, /<Code>(.*?)<\/Code>/.exec(await response.text())?.[1]];
}

const key = "a b/ü+日本 😀.txt";
await client.write(key, "storage contents", { type: "text/plain" });
expect("read", await client.file(key).text(), "storage contents");
expect("read a range", await client.file(key).slice(0, 7).text(), "storage");
const { size, type } = await client.file(key).stat();
expect("stat", [size, type.split(";")[0]], [16, "text/plain"]);

const keys = Array.from({ length: 1500 }, (_, index) => `many/${String(index).padStart(4, "0")}.txt`);
for (let start = 0; start < keys.length; start += 50) {
  await Promise.all(keys.slice(start, start + 50).map((each) => client.write(each, each)));
}
const listed: string[] = [];
let pages = 0;
let continuationToken: string | undefined;
do {
  const page = await client.list({ prefix: "many/", ...(continuationToken ? { continuationToken } : {}) });
  listed.push(...(page.contents ?? []).map((object) => object.key));
  continuationToken = page.isTruncated ? page.nextContinuationToken : undefined;
  pages++;
} while (continuationToken !== undefined);
expect("list", [pages, listed.length, listed[0], listed[1499]], [2, 1500, keys[0], keys[1499]]);

const writer = client.file("big.bin").writer({ partSize: 5 * 1024 * 1024, queueSize: 2 });
for (let part = 0; part < 11; part++) await writer.write(new Uint8Array(1024 * 1024).fill(part));
await writer.end();
expect("multipart", (await client.file("big.bin").stat()).size, 11 * 1024 * 1024);
expect("multipart bytes", await client.file("big.bin").slice(10 * 1024 * 1024, 10 * 1024 * 1024 + 2).text(), "\n\n");

const url = client.presign(key, { expiresIn: 3600 });
expect("presigned", await outcome(url), [200, null]);
expect("tampered", await outcome(url.replace("a%20b", "a%20c")), [403, "SignatureDoesNotMatch"]);
const brief = client.presign(key, { expiresIn: 1 });
await new Promise((resolve) => setTimeout(resolve, 2500));
expect("expired", await outcome(brief), [403, "AccessDenied"]);

const stranger = new Bun.S3Client({ ...settings, secretAccessKey: "wrong" });
const refusal = await stranger.file(key).text().then(() => "read", (error: { code?: string }) => error.code);
expect("wrong secret", refusal, "SignatureDoesNotMatch");
await client.delete(key);
expect("deleted", await client.file(key).exists(), false);

export {};
