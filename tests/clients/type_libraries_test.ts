/** Keys of CloudFront compile on every type library, whether it declares `CryptoKey` or not. */
import { assertEquals, assertMatch } from "@std/assert";
import { compileProgram, COMPILERS, installed, TYPE_LIBRARIES, writeDeclarations } from "./type_libraries.ts";

const ENTRIES: Readonly<Record<string, string>> = {
  "@storages/s3/cloudfront": "src/cloudfront/mod",
  "@storages/s3/cloudfront/verify": "src/cloudfront/verify/mod",
  "@storages/s3/cloudfront/invalidation": "src/cloudfront/invalidation/mod",
  "@storages/s3/signing": "src/signing/mod",
  settings: "src/settings/options",
  key: "src/aws/cloudfront_key",
};

/** Keys that need no declarations of WebCrypto. */
const PLAIN_KEYS = `
const right: CloudFrontPrivateKey[] = [
  "-----BEGIN PRIVATE KEY-----",
  new Uint8Array(8),
  new ArrayBuffer(8),
  { kty: "EC", crv: "P-256", d: "d", x: "x", y: "y", key_ops: ["sign"], ext: true, kid: "1" },
  JSON.parse("{}"),
];
// @ts-expect-error
const number: CloudFrontPrivateKey = 5;
// @ts-expect-error
const truth: CloudFrontPrivateKey = true;
// @ts-expect-error
const date: CloudFrontPrivateKey = new Date();
// @ts-expect-error
const pair: CloudFrontPrivateKey = { publicKey: "", privateKey: "" };
// @ts-expect-error
const jwk: CloudFrontPrivateKey = { kty: "EC", d: 5 };
export { date, jwk, number, pair, right, truth };
`;

/** What a user of a runtime with WebCrypto writes. */
const PROGRAM = `
import { type CloudFrontPrivateKey, CloudFrontSigner } from "@storages/s3/cloudfront";
import { verifySignedUrl } from "@storages/s3/cloudfront/verify";
import { createInvalidation } from "@storages/s3/cloudfront/invalidation";
import { Presigner } from "@storages/s3/signing";
import type { S3StorageOptions, UrlSigner } from "settings";
${PLAIN_KEYS}
declare const cryptoKey: Awaited<ReturnType<typeof crypto.subtle.importKey>>;
declare const exported: Awaited<ReturnType<typeof crypto.subtle.exportKey>>;
const signer = new CloudFrontSigner({ keyId: "K", privateKey: cryptoKey });
export const options: S3StorageOptions[] = [
  { cloudfrontKey: cryptoKey },
  { cloudfrontKey: exported },
  { cloudfrontKey: "-----BEGIN PRIVATE KEY-----" },
  { cloudfrontSigner: signer },
  // @ts-expect-error
  { cloudfrontKey: 5 },
];
export const urlSigner: UrlSigner = signer;
export const url: Promise<string> = signer.sign("https://cdn.example.com/a", { expiresIn: 60 });
// @ts-expect-error
signer.sign("https://cdn.example.com/a", { expires: new Date() });
// @ts-expect-error
signer.sign("https://cdn.example.com/a", 60);
verifySignedUrl("https://cdn.example.com/a", { publicKey: cryptoKey, at: new Date() });
// @ts-expect-error
verifySignedUrl("https://cdn.example.com/a", { publicKey: 5 });
createInvalidation({ distributionId: "E", paths: ["/a"], credentials: { accessKeyId: "a", secretAccessKey: "b" } });
const credentials = { accessKeyId: "a", secretAccessKey: "b" };
const presigner = new Presigner({ bucketUrl: "http://localhost:9000/media", region: "us-east-1", credentials });
presigner.url("a.txt", { expiresIn: 60 });
// @ts-expect-error
presigner.url("a.txt", { expire: 60 });
`;

const WITHOUT_LIBRARY = `import type { CloudFrontPrivateKey } from "key";\n${PLAIN_KEYS}`;

/** What a library without `CryptoKey` makes of a declaration that names it. */
const CONTROL = `declare const key: CryptoKey;\nexport { key };\n`;

for (const compiler of COMPILERS) {
  const compilerFolder = await installed([compiler]);
  const oldest = await installed([COMPILERS[0]!]);
  const declarations = typeof oldest === "string"
    ? await writeDeclarations(oldest, Object.values(ENTRIES).map((path) => `${path}.ts`))
    : "";
  const entries = Object.fromEntries(
    Object.entries(ENTRIES).map(([specifier, path]) => [specifier, `${declarations}/${path}.d.ts`]),
  );
  for (const [name, library] of Object.entries(TYPE_LIBRARIES)) {
    const folder = await installed(library.packages);
    const missing = [compilerFolder, oldest, folder].find((one) => typeof one !== "string");
    Deno.test({
      name: `keys of CloudFront compile with ${compiler} on ${name}` +
        (missing === undefined ? "" : ` (${(missing as { skipped: string }).skipped})`),
      ignore: missing !== undefined,
      fn: async () => {
        const compile = (program: string): Promise<string[]> =>
          compileProgram(compilerFolder as string, { ...library, folder: folder as string }, entries, program);
        assertEquals(await compile(name === "none" ? WITHOUT_LIBRARY : PROGRAM), []);
        if (name === "none") assertMatch((await compile(CONTROL)).join("\n"), /Cannot find name 'CryptoKey'/);
      },
    });
  }
}
