import type { CollectEvent } from "../../static/collect_options.ts";
import { bytes, count, duration, grouped, printable } from "./format.ts";
import { bar, type Screen } from "./screen.ts";

/** Where nobody watches, there is a line each time that so many per cent more are done. */
const STEP_PER_CENT = 25;

/** Fewer files than these are done at once. */
const FEW_FILES = 100;

/** Tells how a collection goes. */
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

  /** @param options.isListed Whether each file that is stored or removed is named, on standard output. */
  constructor(screen: Screen, { isListed }: { readonly isListed: boolean }) {
    this.#screen = screen;
    this.#isListed = isListed;
    screen.show((columns) => this.#line(columns));
  }

  /** Takes what `collect` tells. */
  on(event: CollectEvent): void {
    const { kind, name, storedName = name, done, total } = event;
    if (kind === "warning") this.#screen.warn(printable(event.message ?? name));
    if (kind === "listed") this.#found = done ?? this.#found + 1;
    if (kind === "uploaded" || kind === "skipped") {
      this.#done = Math.max(this.#done, done ?? 0);
      this.#total = total;
      this.#tellSteps();
    }
    if (kind === "uploaded" || kind === "rewritten" || kind === "manifest") {
      this.#bytes += event.bytes;
      this.#list("store ", storedName, bytes(event.bytes));
    }
    if (kind === "deleted") this.#list("remove", storedName, "");
  }

  /** Resolves when all names are written that were to be. */
  async written(): Promise<void> {
    await this.#writing;
  }

  #list(verb: string, name: string, size: string): void {
    if (!this.#isListed) return;
    const colour = verb === "remove" ? "red" : "green";
    const line = `${this.#screen.paint(colour, verb, "stdout")}  ${size.padStart(6)}  ${printable(name)}`;
    this.#writing = this.#writing.then(() => this.#screen.report(line));
    this.#writing.catch(() => {}); // told by whoever waits for it
  }

  #tellSteps(): void {
    if (this.#screen.isLive || this.#isListed || (this.#total ?? 0) < FEW_FILES) return;
    const step = Math.floor(this.#done * 100 / this.#total! / STEP_PER_CENT);
    if (step <= this.#step || this.#done === this.#total) return;
    this.#step = step;
    this.#screen.note(`  ${grouped(this.#done)} of ${count(this.#total!, "file")}, ${bytes(this.#bytes)} stored`);
  }

  #line(columns: number): string {
    const time = duration(performance.now() - this.#begun);
    if (this.#total === undefined) return `Looking  ${count(this.#found, "file")}  ${time}`;
    const counts = `${grouped(this.#done)} of ${count(this.#total, "file")}  ${bytes(this.#bytes)} stored  ${time}`;
    const room = Math.min(40, columns - counts.length - 2);
    return room < 8 ? counts : `${bar(this.#done, this.#total, room)}  ${counts}`;
  }
}
