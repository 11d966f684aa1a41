import type { Call } from "../command.ts";
import { Failure, UsageError } from "./failure.ts";

/**
 * Asks before something that cannot be undone.
 *
 * @throws {UsageError} If nobody is there to answer, and nobody said yes before. To end the input is to say no.
 * @throws {Failure} If the answer is no.
 */
export async function confirm({ io, options }: Call, question: string): Promise<void> {
  if (options.has("yes") || options.has("no-input")) return;
  if (io.ask === undefined) throw new UsageError(`${question} Nobody is here to answer: add --yes to do it`);
  const answer = await io.ask(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure("Nothing was changed.");
}

/** The options of commands that ask. */
export const CONFIRM_OPTIONS = {
  yes: { short: "y", help: "Do it without asking" },
  "no-input": { help: "The same as --yes, as Django calls it" },
} as const;
