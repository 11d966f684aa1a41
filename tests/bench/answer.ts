import { cloudFrontContenders } from "./cloudfront.ts";
import { presignContenders } from "./presign.ts";
import { presignSdk } from "./presign_sdk.ts";
import type { Contender } from "./rounds.ts";

/** The contenders of a runtime, as they are listed. */
export type Listed = ReadonlyArray<Pick<Contender, "name" | "batch">>;

/**
 * Answers whoever measures: nothing asks for the list of contenders, `{"name": …, "from": …, "count": …}` for a batch of
 * one. It is measured from outside, because the clock of workerd stands still while it computes.
 *
 * @param peers What only runs on some runtimes.
 */
export async function makeAnswer(peers: readonly Contender[]): Promise<(question: string) => Promise<string>> {
  const all = [...peers, ...await presignContenders(), await presignSdk(), ...await cloudFrontContenders()];
  return async (question) => {
    if (question === "") return JSON.stringify(all satisfies Listed); // functions have no place in JSON
    const { name, from, count }: { name: string; from: number; count: number } = JSON.parse(question);
    await all.find((one) => one.name === name)!.run(from, count);
    return "done";
  };
}
