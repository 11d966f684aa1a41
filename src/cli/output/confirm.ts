import type { Call } from "../command.ts";
import { Failure, UsageError } from "./failure.ts";

/**
 * Asks for confirmation of a change that cannot be undone.
 *
 * @throws {UsageError} If there is no terminal and `--yes` was not given.
 * @throws {Failure} If the answer is no, or the input ends.
 */
export async function confirm({ io, options }: Call, question: string): Promise<void> {
  if (options.has("yes") || options.has("no-input")) return;
  if (io.ask === undefined) throw new UsageError(`${question} Not a terminal: pass --yes to confirm`);
  const answer = await io.ask(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure("Nothing was changed.");
}

/** The options of commands that ask for confirmation. */
export const CONFIRM_OPTIONS = {
  yes: { short: "y", help: "Do not ask for confirmation" },
  "no-input": { help: "Same as --yes, the name that Django uses" },
} as const;
