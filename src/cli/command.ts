import { parseArgs } from "node:util";
import { closest } from "../kit/text/closest.ts";
import { UsageError } from "./output/failure.ts";
import type { CommandIo } from "./io.ts";
import type { Screen } from "./output/screen.ts";

/** An option of a command. */
export interface CommandOption {
  /** The placeholder of its value in the help; none for a switch. */
  readonly value?: string;
  readonly short?: string;
  readonly multiple?: boolean;
  readonly help: string;
}

/** A command of the command line. */
export interface Command {
  readonly name: string;
  /** The arguments after its name, such as `FROM TO`. */
  readonly usage: string;
  readonly summary: string;
  readonly details?: string;
  readonly options: Readonly<Record<string, CommandOption>>;
  /** The least and the greatest number of arguments, options not counted. */
  readonly takes: readonly [least: number, most: number];
  readonly examples: readonly (readonly [command: string, about: string])[];
  run(call: Call): Promise<number>;
}

/** One invocation of a command. */
export interface Call {
  readonly io: CommandIo;
  readonly screen: Screen;
  /** Arguments that are not options. */
  readonly args: readonly string[];
  readonly options: ParsedOptions;
}

/** Options of every command. */
export const COMMON_OPTIONS: Readonly<Record<string, CommandOption>> = {
  quiet: { short: "q", help: "Print only warnings and errors" },
  help: { short: "h", help: "Show this help" },
};

/** The values of the options of an invocation. */
export class ParsedOptions {
  readonly #values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

  constructor(values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>) {
    this.#values = values;
  }

  /** Whether a switch was given. */
  has(name: string): boolean {
    return this.#values[name] === true;
  }

  /** The value of an option. */
  text(name: string): string | undefined {
    const value = this.#values[name];
    if (value === "") throw new UsageError(`--${name} must not be empty`);
    return typeof value === "string" ? value : undefined;
  }

  /** The values of an option that may be repeated, or separated by commas. */
  texts(name: string): readonly string[] | undefined {
    const values = this.#values[name];
    if (!Array.isArray(values)) return undefined;
    return values.flatMap((value) => String(value).split(",")).map((text) => text.trim()).filter(Boolean);
  }

  /** The value of an option as an integer in a range. */
  number(name: string, least: number, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const number = /^\d+$/.test(text) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    throw new UsageError(`--${name} must be an integer from ${least} to ${most}, got "${text}"`);
  }

  /** The value of an option as a duration such as `30d`, `12h`, `90m` or `45s`, in seconds. */
  seconds(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const [, number, unit = "s"] = /^(\d+)([smhd])?$/.exec(text) ?? [];
    const seconds = Number(number) * SECONDS[unit as keyof typeof SECONDS];
    if (Number.isSafeInteger(seconds)) return seconds;
    throw new UsageError(`--${name} must be a duration such as 30d, 12h, 90m or 45s, got "${text}"`);
  }
}

const SECONDS = { s: 1, m: 60, h: 3600, d: 86400 } as const;

/**
 * Parses the arguments of a command.
 *
 * @throws {UsageError} If an option is unknown or an argument is missing or unexpected.
 */
export function parseCall(command: Command, argv: readonly string[]): { args: string[]; options: ParsedOptions } {
  const rows = { ...command.options, ...COMMON_OPTIONS };
  const options = Object.fromEntries(
    Object.entries(rows).map(([name, { value, short, multiple }]) => [name, {
      type: value === undefined ? "boolean" as const : "string" as const,
      multiple: multiple ?? false,
      ...(short === undefined ? {} : { short }),
    }]),
  );
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    // The sentences of Node after the first are advice for programmers.
    const problem = (error as Error).message.split(/\. |\n/)[0]!;
    const advice = optionAdvice(problem, rows);
    throw new UsageError(advice === undefined ? problem : `${problem}. Did you mean ${advice}?`);
  }
  const { values, positionals: args } = parsed;
  if (args.includes("")) throw new UsageError(`An argument must not be empty: ${command.name} takes ${command.usage}`);
  const [least, most] = command.takes;
  if (!values.help && (args.length < least || args.length > most)) {
    const problem = args.length < least ? "Missing argument" : `Unexpected argument "${args[most]}"`;
    throw new UsageError(`${problem}: ${command.name} takes ${command.usage}`);
  }
  return { args, options: new ParsedOptions(values) };
}

/** Options of other programs, with those that are meant. */
const SYNONYMS = "ttl:expires-in contenttype:content-type exclude:ignore skipexisting:no-clobber jobs:concurrency";

/** The option that is meant by the unknown one of a message. */
function optionAdvice(problem: string, rows: Command["options"]): string | undefined {
  const [, dashes, name] = /^Unknown option '(--?)([^'=]+)/.exec(problem) ?? [];
  if (name === undefined) return undefined;
  if (dashes === "-") {
    const isKnown = Object.values(rows).some(({ short }) => short === name.toLowerCase());
    return isKnown ? `-${name.toLowerCase()}` : undefined;
  }
  const meant = closest(name, Object.keys(rows), SYNONYMS);
  return meant === undefined ? undefined : `--${meant}`;
}
