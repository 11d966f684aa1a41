const SCRIPT = decodeURIComponent(new URL("./attended.sh", import.meta.url).pathname);

/** A command that runs in a new folder, and is stopped when disposed or when this process ends. */
export class Attended implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  /** Resolves when the output ends; the command would block if it was not read. */
  readonly #said: Promise<void>;
  /** The address it listens on, from standard error. */
  readonly address: Promise<string>;

  /** @param pattern Finds the address in the output. */
  constructor(command: readonly string[], pattern: RegExp, env: Readonly<Record<string, string>> = {}) {
    const args = [SCRIPT, ...command];
    this.#child = new Deno.Command("bash", { args, env, stdin: "piped", stdout: "null", stderr: "piped" }).spawn();
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const listen = async (): Promise<void> => {
      let said = "";
      for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
        said += text;
        const address = pattern.exec(said)?.[1];
        if (address !== undefined) resolve(address);
      }
      reject(new Error(`Cannot start ${command[0]}: ${said.trim()}`));
    };
    this.address = promise;
    this.#said = listen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close();
    await Promise.all([this.#child.status, this.#said]);
  }
}
