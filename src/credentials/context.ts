/** Access to the environment, files, network and clock, for providers of credentials. */
export interface ProviderContext {
  /** Reads an environment variable; `undefined` when it is unset, empty or not permitted. */
  readonly environment: (name: string) => string | undefined;
  /** Reads a text file; `undefined` when it is missing or not permitted. */
  readonly readTextFile: (path: string) => Promise<string | undefined>;
  /** Sends a request. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** The clock. */
  readonly now: () => Date;
}
