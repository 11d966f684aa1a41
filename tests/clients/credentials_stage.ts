/** Sets the variables, the home folder and the clock of a process to those of a case. */
import { S3Storage, type S3StorageOptions } from "../../mod.ts";
import type { S3ServerCredentials } from "../../src/testing/mod.ts";
import { serve, type ServedServer } from "./served_server.ts";

export interface Stage {
  readonly s3: ServedServer;
  readonly home: string;
  /** Writes a file below the home folder; returns its path. */
  write(path: string, text: string): Promise<string>;
  /** A storage with a bucket and an endpoint, but without credentials. */
  storage(options?: S3StorageOptions): S3Storage;
}

const ClockDate = Date;
let ahead = 0;

/** Gives this process a clock that can be moved; not for processes of other tests. */
export function installClock(): void {
  globalThis.Date = class extends ClockDate {
    constructor(...given: [] | [number]) {
      super(...(given.length === 0 ? [ClockDate.now() + ahead] as const : given));
    }

    static override now(): number {
      return ClockDate.now() + ahead;
    }
  } as DateConstructor;
}

/** Moves the clock of the process, including its servers. */
export function moveClock(seconds: number): void {
  ahead += seconds * 1000;
}

/** A time relative to now, in the format of AWS. */
export function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString();
}

/** Removes all variables of credentials, and sets the given ones. */
export function setVariables(variables: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(Deno.env.toObject())) if (name.startsWith("AWS_")) Deno.env.delete(name);
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
}

/** Runs a case with an S3 server that accepts the credentials, in an empty home folder. */
export async function onStage(
  credentials: readonly S3ServerCredentials[],
  run: (stage: Stage) => Promise<void>,
  region = "eu-west-1",
): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "storages-home-" });
  setVariables({ HOME: home });
  await using s3 = serve({ credentials, region });
  try {
    await run({
      s3,
      home,
      write: async (path, text) => {
        const full = `${home}/${path}`;
        await Deno.mkdir(full.replace(/\/[^/]*$/, ""), { recursive: true });
        await Deno.writeTextFile(full, text);
        return full;
      },
      storage: (options) =>
        new S3Storage({ bucketName: "media", endpointUrl: s3.endpoint, regionName: region, ...options }),
    });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}
