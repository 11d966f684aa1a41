import { OutputClosed } from "./failure.ts";
import { COLOUR_CODES, fitted, harmless, width } from "./format.ts";
import type { CommandIo } from "../io.ts";

/** How often a line is drawn anew, in milliseconds. */
const REDRAW_MILLISECONDS = 80;

type Colour = keyof typeof COLOUR_CODES;

/**
 * What a command says on standard error: lines that stay and, on a terminal, one line below them that tells how it goes.
 */
export class Screen {
  /** Whether there is such a line. */
  readonly isLive: boolean;
  readonly #io: Pick<CommandIo, "stderr" | "stdout" | "env">;
  readonly #isQuiet: boolean;
  #draw: ((columns: number) => string) | undefined;
  #drawn = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param isQuiet Whether only warnings and errors are told. */
  constructor(io: Pick<CommandIo, "stderr" | "stdout" | "env">, isQuiet = false) {
    this.#io = io;
    this.#isQuiet = isQuiet;
    this.isLive = io.stderr.isTerminal && !isQuiet && io.env.TERM !== "dumb" && !io.env.CI;
  }

  /** The columns of a line. */
  get columns(): number {
    return this.#io.stderr.columns?.() || 80;
  }

  /** Text in a colour, where colours are seen on that output. */
  paint(colour: Colour, text: string, output: "stdout" | "stderr" = "stderr"): string {
    const { env } = this.#io;
    if (!this.#io[output].isTerminal || env.NO_COLOR || env.TERM === "dumb") return text;
    return `\x1b[${COLOUR_CODES[colour]}m${text}\x1b[${colour === "bold" || colour === "dim" ? 22 : 39}m`;
  }

  /** Tells something by the way. */
  note(line: string): void {
    if (!this.#isQuiet) this.#line(line);
  }

  /** Tells something to look at. */
  warn(line: string): void {
    this.#line(`${this.paint("yellow", "warning:")} ${line}`);
  }

  /** Tells what ended the command. */
  error(line: string): void {
    this.#line(`${this.paint("red", "error:")} ${line}`);
  }

  #line(line: string): void {
    this.#write(`${this.#erasing()}${harmless(line)}\n`);
    this.#redraw();
  }

  /**
   * Gives what the command is for to standard output: a listing, a document, a file's bytes.
   *
   * @throws {OutputClosed} If nobody reads it any more.
   */
  async give(what: string | Uint8Array): Promise<void> {
    const erasing = this.#erasing();
    if (erasing !== "") this.#write(erasing);
    try {
      await this.#io.stdout.write(typeof what === "string" ? `${harmless(what)}\n` : what);
    } catch (error) {
      const { code } = error as { code?: string };
      throw code === "EPIPE" || code === "ERR_STREAM_DESTROYED" ? new OutputClosed("", { cause: error }) : error;
    }
  }

  /** Tells standard output what was done. Where nobody reads that any more, the command goes on with what it does. */
  async report(text: string): Promise<void> {
    await this.give(text).catch((error) => {
      if (!(error instanceof OutputClosed)) throw error;
    });
  }

  /** Shows a line that changes, from now on until {@linkcode end}; asked for every now and then. */
  show(draw: (columns: number) => string): void {
    if (!this.isLive) return;
    this.#draw = draw;
    if (this.#timer !== undefined) return;
    this.#write("\x1b[?25l");
    this.#redraw();
    this.#timer = setInterval(() => this.#redraw(), REDRAW_MILLISECONDS);
  }

  /** Removes the line that changes, and gives the cursor back. */
  end(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#draw = undefined;
    this.#write(`${this.#erasing()}\x1b[?25h`);
  }

  #redraw(): void {
    if (this.#draw === undefined) return;
    const columns = this.columns;
    const line = fitted(this.#draw(columns - 1), columns - 1);
    this.#write(`${this.#erasing()}${this.#painted(line)}`);
    this.#drawn = width(line);
  }

  /** The bar's done part in green: painted last, since colours have no width. */
  #painted(line: string): string {
    return line.replace(/━+╸?/, (done) => this.paint("green", done)).replace(/─+/, (rest) => this.paint("dim", rest));
  }

  /** What removes the line that changes; where the terminal has become narrower, it is on more than one row. */
  #erasing(): string {
    if (this.#drawn === 0) return "";
    const rows = Math.ceil(this.#drawn / this.columns) - 1;
    this.#drawn = 0;
    return `\r${rows > 0 ? `\x1b[${rows}A` : ""}\x1b[J`;
  }

  #write(text: string): void {
    // Nothing waits for a message; where nobody reads it, nothing is lost.
    Promise.resolve(this.#io.stderr.write(text)).catch(() => {});
  }
}

/** A bar of so many columns. */
export function bar(done: number, total: number, columns: number): string {
  const filled = total === 0 ? columns : Math.floor(columns * Math.min(1, done / total) * 2) / 2;
  const whole = Math.floor(filled);
  const half = filled > whole ? "╸" : "";
  return "━".repeat(whole) + half + "─".repeat(Math.max(0, columns - whole - half.length));
}
