// deno-lint-ignore-file no-console no-import-prefix -- it prints what it measured; only this needs the AWS SDK's signer
/**
 * Signed CloudFront URLs a second, beside the AWS SDK's signer and beside what WebCrypto takes for the bare signature.
 *
 * Deno runs it as it is: `deno run -A tests/offline/run.ts run -A tests/bench/cloudfront.ts`. For Bun and Node it is bundled:
 * `deno run -A tests/offline/run.ts bundle --platform deno -o tests/.build/bench_cloudfront.mjs tests/bench/cloudfront.ts`.
 */
import { getSignedUrl } from "npm:@aws-sdk/cloudfront-signer@^3.1166.0";
import { cloudFrontPolicy, CloudFrontSigner } from "../../src/cloudfront/mod.ts";

const ROUNDS = 5;
const TURN_MILLISECONDS = 400;
/** How many signatures are under way at once, where that can be. */
const AT_ONCE = 64;

const KEY_ID = "K2JCJMDEHXQW5F";
const PREFIX = "https://cdn.example.com/media/";
const EXPIRES = new Date("2030-01-01T00:00:00Z");

interface Contender {
  readonly name: string;
  /** Signs `count` distinct URLs, from the given number on. */
  readonly run: (from: number, count: number) => unknown;
}

const pair = await crypto.subtle.generateKey(
  { name: "RSASSA-PKCS1-v1_5", hash: "SHA-1", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
  true,
  ["sign", "verify"],
);
const pem = await exportPem(pair.privateKey);
const signer = new CloudFrontSigner({ keyId: KEY_ID, privateKey: pem });
const reusable = await signer.reuse(PREFIX, { expires: EXPIRES });
const texts = Array.from(
  { length: AT_ONCE },
  (_, index) => new TextEncoder().encode(cloudFrontPolicy(urlOf(index), { expires: EXPIRES })),
);

const bare: Contender = {
  name: "WebCrypto's signature alone",
  run: () => Promise.all(texts.map((text) => crypto.subtle.sign("RSASSA-PKCS1-v1_5", pair.privateKey, text))),
};
const ours: Contender = {
  name: "CloudFrontSigner.sign",
  run: (from, count) =>
    Promise.all(Array.from({ length: count }, (_, index) => signer.sign(urlOf(from + index), { expires: EXPIRES }))),
};
const sdk: Contender = {
  name: "@aws-sdk/cloudfront-signer",
  run: (from, count) => {
    for (let index = from; index < from + count; index++) {
      getSignedUrl({ url: urlOf(index), keyPairId: KEY_ID, privateKey: pem, dateLessThan: EXPIRES });
    }
  },
};
const reuse: Contender = {
  name: "CloudFrontSigner.reuse",
  run: (from, count) => {
    for (let index = from; index < from + count; index++) reusable.sign(urlOf(index));
  },
};

assertSame(
  await signer.sign(urlOf(1), { expires: EXPIRES }),
  getSignedUrl({ url: urlOf(1), keyPairId: KEY_ID, privateKey: pem, dateLessThan: EXPIRES }),
);

// The bare signature next to ours: these two are compared most closely.
const contenders = [sdk, ours, bare, reuse];
const rates = new Map(contenders.map((contender): [Contender, number[]] => [contender, []]));
for (const { run } of contenders) await run(0, AT_ONCE);
for (let round = 0; round < ROUNDS; round++) {
  for (const contender of contenders) rates.get(contender)!.push(await measure(contender));
}

for (const [{ name }, perRound] of rates) console.log(`${name}: ${inWhole(median(perRound))} URLs/s`);
console.log(`distinct URLs, times the AWS SDK: ${ratio(ours, sdk)} (at least 1.5)`);
console.log(`distinct URLs, times the bare signature: ${ratio(ours, bare)} (at least 0.9)`);
console.log(`with reuse: ${inWhole(median(rates.get(reuse)!))} URLs/s (at least 100,000)`);

/** The median of the ratios of each round, as both took their turns in it one after the other: a slow spell meets both. */
function ratio(one: Contender, other: Contender): string {
  return median(rates.get(one)!.map((rate, round) => rate / rates.get(other)![round]!)).toFixed(2);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function inWhole(rate: number): string {
  return Math.round(rate).toLocaleString("en");
}

async function measure({ run }: Contender): Promise<number> {
  const start = performance.now();
  let done = 0;
  let elapsed = 0;
  while (elapsed < TURN_MILLISECONDS) {
    await run(done, AT_ONCE);
    done += AT_ONCE;
    elapsed = performance.now() - start;
  }
  return done * 1000 / elapsed;
}

function urlOf(index: number): string {
  return `${PREFIX}${index}/thumbnail.jpg`;
}

async function exportPem(key: CryptoKey): Promise<string> {
  const der = new Uint8Array(await crypto.subtle.exportKey("pkcs8", key));
  const base64 = btoa(String.fromCharCode(...der)).replace(/.{64}/g, "$&\n");
  return `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`;
}

function assertSame(actual: string, expected: string): void {
  // The SDK puts the key's id before the signature; apart from that both are the same.
  const sorted = (url: string): string => [...new URL(url).searchParams].sort().join();
  if (sorted(actual) !== sorted(expected)) throw new Error(`Two signers disagree: ${actual} and ${expected}`);
}
