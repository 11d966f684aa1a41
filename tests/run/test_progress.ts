/** The note that Deno prints about a slow test: not progress, but it has the name of the test. */
const SLOW = /'(.*)' has been running for over \(/;

/** Follows the output of `deno test`: which test is running, and whether there is progress. */
export class TestProgress {
  #unfinishedLine = "";
  #running: string | undefined;
  #finished: string | undefined;
  readonly #slow = new Set<string>();

  /**
   * Reads the next piece of output.
   *
   * @returns Whether it shows progress: a test begins, ends or prints.
   */
  read(text: string): boolean {
    const lines = (this.#unfinishedLine + text).split("\n");
    const unfinishedLine = lines.pop()!;
    let isProgress = unfinishedLine !== "" && unfinishedLine !== this.#unfinishedLine;
    for (const line of lines) {
      const slow = SLOW.exec(line)?.[1];
      if (slow === undefined) isProgress = true;
      else this.#slow.add(slow);
      this.#readLine(line);
    }
    this.#unfinishedLine = unfinishedLine;
    this.#readLine(unfinishedLine);
    return isProgress;
  }

  /** "name ..." begins a test, and "name ... ok (2ms)" ends it; parallel runs only print the latter. */
  #readLine(line: string): void {
    const begun = /^(.*) \.\.\.$/.exec(line)?.[1];
    if (begun !== undefined) this.#running = begun.trim();
    const ended = /^(?:\S+ => )?(.*) \.\.\. (?:ok|ignored|cancelled|FAILED)\b/.exec(line)?.[1];
    if (ended === undefined) return;
    this.#finished = ended.trim();
    this.#running = undefined;
    this.#slow.delete(this.#finished);
  }

  /** Describes what is running. */
  describe(): string {
    const running = this.#running === undefined ? [...this.#slow] : [this.#running];
    if (running.length > 0) return `while ${running.map((name) => `"${name}"`).join(" and ")} was running`;
    return this.#finished === undefined ? "before the first test ended" : `after "${this.#finished}"`;
  }
}
