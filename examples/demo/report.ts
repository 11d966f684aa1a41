// deno-lint-ignore-file no-console -- the output of the demo

const LABEL_WIDTH = 16;

/** Prints headed steps with aligned rows; in colours where a terminal wants them. */
export class Report {
  readonly #colours = Deno.stdout.isTerminal() && !Deno.noColor;
  readonly #start = performance.now();
  #steps = 0;

  /** The time since the report began. */
  get elapsed(): string {
    return inTime(performance.now() - this.#start);
  }

  /** Prints the title. */
  title(text: string): void {
    console.log(`\n${this.#style(1, text)}\n`);
  }

  /** Prints the heading of the next step. */
  step(text: string): void {
    console.log(`\n${this.#style(36, String(++this.#steps))}  ${this.#style(1, text)}`);
  }

  /** Prints one row of the step. */
  row(label: string, text: string): void {
    console.log(`   ${this.#style(2, label.padEnd(LABEL_WIDTH))}${text}`);
  }

  /**
   * Prints a row with the outcome of a check.
   *
   * @throws {Error} If the check failed.
   */
  check(label: string, text: string, right: boolean): void {
    this.row(label, `${text} ${right ? this.#style(32, "✓") : this.#style(31, "✗")}`);
    if (!right) throw new Error(`Check failed: ${label}: ${text}`);
  }

  /** Prints the last line. */
  closing(text: string): void {
    console.log(`\n${text}`);
  }

  #style(code: number, text: string): string {
    return this.#colours ? `\x1b[${code}m${text}\x1b[0m` : text;
  }
}

/** Bytes in the largest unit that fits: `24.0 MiB`, `64.0 KiB`, `812 bytes`. */
export function inBytes(count: number): string {
  if (count < 1024) return `${count} bytes`;
  return count < 1024 ** 2 ? `${(count / 1024).toFixed(1)} KiB` : inMebibytes(count);
}

/** Bytes in MiB: `24.0 MiB`. */
export function inMebibytes(count: number): string {
  return `${(count / 1024 ** 2).toFixed(1)} MiB`;
}

/** A number with separators: `12,345,678`. */
export function inThousands(count: number): string {
  return count.toLocaleString("en");
}

/** Milliseconds as `312 ms` or `1.2 s`. */
export function inTime(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** A time as `2026-01-31 12:00:00 UTC`. */
export function inUtc(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** Text cut to what fits on a line. */
export function shortened(text: string, length = 90): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
