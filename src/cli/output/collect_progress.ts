import type { CollectEvent } from "../../static/collect_options.ts";
import { bytes, count, duration, grouped, printable } from "./format.ts";
import { bar, type Screen } from "./screen.ts";

/** Without a terminal, a line is printed after each such share of the files. */
const STEP_PER_CENT = 25;

/** With fewer files, no such lines are printed. */
const FEW_FILES = 100;

/** Reports the progress of a collection. */
export class CollectProgress {
  readonly #screen: Screen;
  readonly #isListed: boolean;
  readonly #begun = performance.now();
  #found = 0;
  #done = 0;
  #total: number | undefined;
  #bytes = 0;
  #step = 0;
  #writing: Promise<void> = Promise.resolve();

  readonly #stored: string;

  /**
   * @param options.isListed Whether each file that is stored or removed is printed on standard output.
   * @param options.isDryRun Whether nothing is stored.
   */
  constructor(screen: Screen, { isListed, isDryRun }: { readonly isListed: boolean; readonly isDryRun: boolean }) {
    this.#stored = isDryRun ? "to store" : "stored";
    this.#screen = screen;
    this.#isListed = isListed;
    screen.show((columns) => this.#line(columns));
  }

  /** Receives an event of `collect`. */
  on(event: CollectEvent): void {
    const { kind, name, storedName = name, done, total } = event;
    if (kind === "warning") this.#screen.warn(printable(event.message ?? name));
    if (kind === "listed") this.#found = done ?? this.#found + 1;
    if (kind === "uploaded" || kind === "skipped") {
      this.#done = Math.max(this.#done, done ?? 0);
      this.#total = total;
      this.#reportSteps();
    }
    if (kind === "uploaded" || kind === "rewritten" || kind === "manifest") {
      this.#bytes += event.bytes;
      this.#list("store ", storedName, bytes(event.bytes));
    }
    if (kind === "deleted") this.#list("remove", storedName, "");
  }

  /** Resolves when all listed names are written. */
  async written(): Promise<void> {
    await this.#writing;
  }

  #list(verb: string, name: string, size: string): void {
    if (!this.#isListed) return;
    const colour = verb === "remove" ? "red" : "green";
    const line = `${this.#screen.paint(colour, verb, "stdout")}  ${size.padStart(6)}  ${printable(name)}`;
    this.#writing = this.#writing.then(() => this.#screen.report(line));
    this.#writing.catch(() => {}); // reported when awaited
  }

  #reportSteps(): void {
    if (this.#screen.isLive || this.#isListed || (this.#total ?? 0) < FEW_FILES) return;
    const step = Math.floor(this.#done * 100 / this.#total! / STEP_PER_CENT);
    if (step <= this.#step || this.#done === this.#total) return;
    this.#step = step;
    this.#screen.note(
      `  ${grouped(this.#done)} of ${count(this.#total!, "file")}, ${bytes(this.#bytes)} ${this.#stored}`,
    );
  }

  #line(columns: number): string {
    const time = duration(performance.now() - this.#begun);
    if (this.#total === undefined) return `Listing  ${count(this.#found, "file")}  ${time}`;
    const counts = `${grouped(this.#done)} of ${count(this.#total, "file")}  ${
      bytes(this.#bytes)
    } ${this.#stored}  ${time}`;
    const room = Math.min(40, columns - counts.length - 2);
    return room < 8 ? counts : `${bar(this.#done, this.#total, room)}  ${counts}`;
  }
}
