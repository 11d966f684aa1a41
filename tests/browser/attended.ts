const SCRIPT = decodeURIComponent(new URL("./attended.sh", import.meta.url).pathname);

/** A command that runs in a folder of its own, and ends when it is disposed of or this process is gone. */
export class Attended implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  /** Settled when the command has said its last; one whose output nobody takes would stand still. */
  readonly #said: Promise<void>;
  /** Where it listens, as it says on standard error. */
  readonly address: Promise<string>;

  /** @param pattern Finds the address in what it says. */
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
      reject(new Error(`${command[0]} does not start: ${said.trim()}`));
    };
    this.address = promise;
    this.#said = listen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close();
    await Promise.all([this.#child.status, this.#said]);
  }
}
