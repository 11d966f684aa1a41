import { OutputClosed } from "./failure.ts";
import { COLOUR_CODES, fitToWidth, harmless, width } from "./format.ts";
import type { CommandIo } from "../io.ts";

/** The interval at which the live line is drawn, in milliseconds. */
const REDRAW_MILLISECONDS = 80;

type Colour = keyof typeof COLOUR_CODES;

/**
 * The output of a command: results on standard output, messages on standard error and, on a terminal, a live line below
 * them that shows the progress.
 */
export class Screen {
  /** Whether there is a live line. */
  readonly isLive: boolean;
  readonly #io: Pick<CommandIo, "stderr" | "stdout" | "env">;
  readonly #isQuiet: boolean;
  #draw: ((columns: number) => string) | undefined;
  #drawn = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param isQuiet Whether only warnings and errors are printed. */
  constructor(io: Pick<CommandIo, "stderr" | "stdout" | "env">, isQuiet = false) {
    this.#io = io;
    this.#isQuiet = isQuiet;
    this.isLive = io.stderr.isTerminal && !isQuiet && io.env.TERM !== "dumb" && !io.env.CI;
  }

  /** The width of the terminal in columns. */
  get columns(): number {
    return this.#io.stderr.columns?.() || 80;
  }

  /** Colours a text if the output supports colours. */
  paint(colour: Colour, text: string, output: "stdout" | "stderr" = "stderr"): string {
    const { env } = this.#io;
    if (!this.#io[output].isTerminal || env.NO_COLOR || env.TERM === "dumb") return text;
    return `\x1b[${COLOUR_CODES[colour]}m${text}\x1b[${colour === "bold" || colour === "dim" ? 22 : 39}m`;
  }

  /** Prints an informational message. */
  note(line: string): void {
    if (!this.#isQuiet) this.#line(line);
  }

  /** Prints a warning. */
  warn(line: string): void {
    this.#line(`${this.paint("yellow", "warning:")} ${line}`);
  }

  /** Prints an error. */
  error(line: string): void {
    this.#line(`${this.paint("red", "error:")} ${line}`);
  }

  #line(line: string): void {
    this.#write(`${this.#erasing()}${harmless(line)}\n`);
    this.#redraw();
  }

  /**
   * Writes a result to standard output: a listing, a document, the bytes of a file.
   *
   * @throws {OutputClosed} If the reader has closed the pipe.
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

  /** Writes a line to standard output. A closed pipe is ignored, so that the command continues. */
  async report(text: string): Promise<void> {
    await this.give(text).catch((error) => {
      if (!(error instanceof OutputClosed)) throw error;
    });
  }

  /** Shows a live line until {@linkcode end}; `draw` is called at intervals. */
  show(draw: (columns: number) => string): void {
    if (!this.isLive) return;
    this.#draw = draw;
    if (this.#timer !== undefined) return;
    this.#write("\x1b[?25l");
    this.#redraw();
    this.#timer = setInterval(() => this.#redraw(), REDRAW_MILLISECONDS);
  }

  /** Removes the live line and shows the cursor. */
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
    const line = fitToWidth(this.#draw(columns - 1), columns - 1);
    this.#write(`${this.#erasing()}${this.#painted(line)}`);
    this.#drawn = width(line);
  }

  /** Colours the bar; done last, since colour codes have no width. */
  #painted(line: string): string {
    return line.replace(/━+╸?/, (done) => this.paint("green", done)).replace(/─+/, (rest) => this.paint("dim", rest));
  }

  /** The codes that erase the live line, which takes several rows after the terminal has become narrower. */
  #erasing(): string {
    if (this.#drawn === 0) return "";
    const rows = Math.ceil(this.#drawn / this.columns) - 1;
    this.#drawn = 0;
    return `\r${rows > 0 ? `\x1b[${rows}A` : ""}\x1b[J`;
  }

  #write(text: string): void {
    // Messages are not awaited, and a closed pipe is ignored.
    Promise.resolve(this.#io.stderr.write(text)).catch(() => {});
  }
}

/** Formats a progress bar of a number of columns. */
export function bar(done: number, total: number, columns: number): string {
  const filled = total === 0 ? columns : Math.floor(columns * Math.min(1, done / total) * 2) / 2;
  const whole = Math.floor(filled);
  const half = filled > whole ? "╸" : "";
  return "━".repeat(whole) + half + "─".repeat(Math.max(0, columns - whole - half.length));
}
