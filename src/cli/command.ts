import { parseArgs } from "node:util";
import { UsageError } from "./output/failure.ts";
import type { CommandIo } from "./io.ts";
import type { Screen } from "./output/screen.ts";

/** An option of a command. */
export interface CommandOption {
  /** What its value is called in the help; left out for a switch. */
  readonly value?: string;
  readonly short?: string;
  readonly multiple?: boolean;
  readonly help: string;
}

/** A command of the command line. */
export interface Command {
  readonly name: string;
  /** What comes behind its name. */
  readonly usage: string;
  readonly summary: string;
  readonly details?: string;
  readonly options: Readonly<Record<string, CommandOption>>;
  /** The least and the most that it takes beside options. */
  readonly takes: readonly [least: number, most: number];
  readonly examples: readonly (readonly [command: string, about: string])[];
  run(call: Call): Promise<number>;
}

/** A command as it was called. */
export interface Call {
  readonly io: CommandIo;
  readonly screen: Screen;
  readonly given: readonly string[];
  readonly options: Given;
}

/** Options of every command. */
export const COMMON_OPTIONS: Readonly<Record<string, CommandOption>> = {
  quiet: { short: "q", help: "Say nothing but warnings and errors" },
  help: { short: "h", help: "Show this" },
};

/** The options that a command was given. */
export class Given {
  readonly #values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

  constructor(values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>) {
    this.#values = values;
  }

  /** Whether a switch is on. */
  has(name: string): boolean {
    return this.#values[name] === true;
  }

  /** An option's text. */
  text(name: string): string | undefined {
    const value = this.#values[name];
    if (value === "") throw new UsageError(`--${name} must not be empty`);
    return typeof value === "string" ? value : undefined;
  }

  /** The texts of an option that may come more than once, or with commas between them. */
  texts(name: string): readonly string[] | undefined {
    const values = this.#values[name];
    if (!Array.isArray(values)) return undefined;
    return values.flatMap((value) => String(value).split(",")).map((text) => text.trim()).filter(Boolean);
  }

  /** A whole number in a range. */
  number(name: string, least: number, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const number = /^\d+$/.test(text) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    throw new UsageError(`--${name} must be a whole number from ${least} to ${most}: it is "${text}"`);
  }

  /** A time such as `30d`, `12h`, `90m` or `45s`, in seconds. */
  seconds(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const [, number, unit = "s"] = /^(\d+)([smhd])?$/.exec(text) ?? [];
    const seconds = Number(number) * SECONDS[unit as keyof typeof SECONDS];
    if (Number.isSafeInteger(seconds)) return seconds;
    throw new UsageError(`--${name} must be a time such as 30d, 12h, 90m or 45s: it is "${text}"`);
  }
}

const SECONDS = { s: 1, m: 60, h: 3600, d: 86400 } as const;

/**
 * Reads a command's arguments.
 *
 * @throws {UsageError} If they are not what the command takes.
 */
export function parseCall(command: Command, argv: readonly string[]): { given: string[]; options: Given } {
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
    // Node adds advice for programmers from its second sentence on.
    throw new UsageError((error as Error).message.split(/\. |\n/)[0]!);
  }
  const { values, positionals: given } = parsed;
  const [least, most] = command.takes;
  if (!values.help && (given.length < least || given.length > most)) {
    throw new UsageError(
      given.length < least ? `${command.name} takes ${command.usage}` : `What is "${given[most]}"? It is one too many`,
    );
  }
  return { given, options: new Given(values) };
}
