/**
 * Works on a table of users with avatars until it is killed. Before and after each request to the storage and each
 * statement of the database it prints the next step and waits for a byte of `crash_test.ts`, which may kill it instead.
 */
import { fileField } from "../../src/field/mod.ts";
import { S3Storage } from "../../mod.ts";
import { SeededRandom } from "../unit/random.ts";
import { ORMS, type Place } from "./user_tables.ts";

/** The input of the worker. */
export interface CrashOrder {
  readonly orm: string;
  readonly place: Place;
  readonly endpointUrl: string;
  readonly users: number;
  readonly seed: number;
}

const { orm, place, endpointUrl, users, seed } = JSON.parse(Deno.args[0]!) as CrashOrder;
const random = new SeededRandom(seed);

/** Blocks the whole process. */
function point(what: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${what}\n`));
  if (Deno.stdin.readSync(new Uint8Array(1)) === null) Deno.exit(1); // the test has ended
}

const storage = new S3Storage({
  bucketName: "media",
  endpointUrl,
  accessKey: "testkey",
  secretKey: "testsecret",
  fetch: async (request) => {
    point(`before storage ${request.method}`);
    const response = await fetch(request);
    point(`after storage ${request.method}`);
    return response;
  },
});
const avatar = fileField(storage, { uploadTo: "avatars" });
const table = ORMS[orm]!(place, avatar, (when, sql) => point(`${when} database ${/^\w+/.exec(sql)}`));

async function step(): Promise<void> {
  const id = 1 + random.below(users);
  const kind = random.pick(["replace", "replace", "replace", "remove", "clear", "roll back", "abort"] as const);
  await table.withFiles(async (files) => {
    const isNew = kind === "replace" || kind === "roll back" || kind === "abort";
    const file = isNew ? await files.save(avatar, "me.png", `of user ${id}`) : null;
    if (kind === "abort") throw new Error(kind);
    await files.transaction(async (users) => {
      const old = await users.get(id);
      if (old === undefined) await users.insert(id, file);
      else if (kind === "remove") await users.remove(id);
      else await users.update(id, file);
      if (kind === "roll back") throw new Error(kind);
      files.deleteAfterCommit(old);
    });
  }).catch((error) => {
    if (error.message !== kind) throw error;
  });
}

while (true) await step();
