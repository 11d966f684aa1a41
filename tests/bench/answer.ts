import { cloudFrontContenders } from "./cloudfront.ts";
import { presignContenders } from "./presign.ts";
import { presignSdk } from "./presign_sdk.ts";
import type { Contender } from "./rounds.ts";

/** The contenders of a runtime in the list. */
export type Listed = ReadonlyArray<Pick<Contender, "name" | "batch">>;

/**
 * Answers the benchmark: an empty request returns the list of contenders, `{"name": …, "from": …, "count": …}` runs a batch
 * of one. The time is measured outside, because the clock of workerd does not advance during computation.
 *
 * @param peers Contenders that only run on some runtimes.
 */
export async function makeAnswer(peers: readonly Contender[]): Promise<(question: string) => Promise<string>> {
  const all = [...peers, ...await presignContenders(), await presignSdk(), ...await cloudFrontContenders()];
  return async (question) => {
    if (question === "") return JSON.stringify(all satisfies Listed); // JSON omits functions
    const { name, from, count }: { name: string; from: number; count: number } = JSON.parse(question);
    await all.find((one) => one.name === name)!.run(from, count);
    return "done";
  };
}
