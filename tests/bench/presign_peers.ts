// deno-lint-ignore-file no-import-prefix -- only this needs these signers
/** Creates presigned GET URLs with libraries that only run on Deno, Node and Bun. */
import { S3Client as LeanClient } from "npm:lean-s3@^0.6.3";
import { CLIENT_OPTIONS, contender, EXPIRES_IN_SECONDS, keyOf } from "./presign.ts";
import type { Contender } from "./rounds.ts";

/** The names of the contenders in the targets. */
export const LEAN = "lean-s3";
export const BUN = "Bun.S3Client";

interface BunLike {
  readonly S3Client: new (options: Record<string, string>) => {
    presign(key: string, options: { expiresIn: number; method: string }): string;
  };
}

/** lean-s3, and on Bun its built-in client. */
export async function presignPeers(): Promise<Contender[]> {
  const options = { method: "GET", expiresIn: EXPIRES_IN_SECONDS } as const;
  const lean = new LeanClient(CLIENT_OPTIONS);
  const peers = [await contender(LEAN, 10_000, (index) => lean.presign(keyOf(index), options))];
  const { Bun: bun } = globalThis as { Bun?: BunLike };
  if (bun !== undefined) {
    const client = new bun.S3Client(CLIENT_OPTIONS);
    peers.push(await contender(BUN, 10_000, (index) => client.presign(keyOf(index), options)));
  }
  return peers;
}
