import { bytes, count, duration } from "./format.ts";
import { bar } from "./screen.ts";

/** Counts the files and bytes of a copy, and formats the progress line. */
export class CopyProgress {
  bytes = 0;
  /** Files that were not copied because of --no-clobber. */
  existing = 0;
  failed = 0;
  /** Files that were copied, or on a dry run would be. */
  copied = 0;
  #total = 0;
  #files = 0;
  #done = 0;
  readonly #begun = performance.now();

  found(size: number): void {
    this.#files++;
    this.#total += size;
  }

  moved(size: number): void {
    this.bytes += size;
  }

  finish(): void {
    this.copied++;
    this.#done++;
  }

  skip(size: number): void {
    this.existing++;
    this.#total -= size;
    this.#done++;
  }

  fail(): void {
    this.failed++;
    this.#done++;
  }

  line(columns: number): string {
    const milliseconds = performance.now() - this.#begun;
    const speed = milliseconds > 500 ? `  ${bytes(Math.round(this.bytes / milliseconds * 1000))}/s` : "";
    const files = this.#files > 1 ? `${this.#done} of ${count(this.#files, "file")}  ` : "";
    const text = `${files}${bytes(this.bytes)} of ${bytes(this.#total)}${speed}  ${duration(milliseconds)}`;
    const room = Math.min(40, columns - text.length - 2);
    return room < 8 ? text : `${bar(this.bytes, this.#total, room)}  ${text}`;
  }
}
