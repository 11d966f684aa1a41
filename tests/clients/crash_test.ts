// deno-lint-ignore-file no-import-prefix -- only tests need the driver
/** Kills processes between steps of database and storage, and checks the remaining files and references. */
import { assert, assertEquals } from "@std/assert";
// @ts-types="npm:@types/pg@^8.23.1"
import pg from "npm:pg@^8.23.1";
import { deleteOrphans, fileField } from "../../src/field/mod.ts";
import { createS3Server } from "../../src/testing/mod.ts";
import { drained } from "../fakes/drained.ts";
import { bundle } from "../runtimes/bundle.ts";
import { lifetime } from "../runtimes/ending.ts";
import { startPostgres } from "../servers/postgres.ts";
import { s3On } from "../unit/storage/storages.ts";
import { SeededRandom } from "../unit/random.ts";
import type { CrashOrder } from "./crash_worker.ts";
import { CREATE_TABLE, DROP_TABLE, openSqlite, ORMS, type Place } from "./user_tables.ts";

/** The number of crashes for each ORM and database; 200 in total. */
const CRASHES = 50;
const USERS = 4;

/** The points at which workers are killed. */
const STEPS = [
  "storage PUT",
  "storage DELETE",
  "database begin",
  "database update",
  "database commit",
  "database rollback",
]
  .flatMap((step) => [`before ${step}`, `after ${step}`]);

/** Bundles the worker, since it is started hundreds of times. */
let bundled: Promise<string> | undefined;

/** Starts a worker, which waits at its first point. */
async function startWorker(order: CrashOrder): Promise<Deno.ChildProcess> {
  const script = await (bundled ??= bundle("tests/clients/crash_worker.ts", "tests/.build/crash_worker.js", "deno"));
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", script, JSON.stringify(order)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
    signal: lifetime(),
  }).spawn();
}

/** Runs a worker and kills it at the first, second or third occurrence of a step, or during the step. */
async function crash(worker: Deno.ChildProcess, step: string, random: SeededRandom): Promise<void> {
  const goOn = worker.stdin.getWriter();
  const [isRace, isLate] = [random.below(2) === 1, random.below(3)];
  let left = 1 + isLate;
  for await (const text of worker.stdout.pipeThrough(new TextDecoderStream())) {
    if (text.trim() === step) left--;
    if (left > 0 || isRace) await goOn.write(new Uint8Array(1));
    if (left > 0) continue;
    worker.kill("SIGKILL");
    break;
  }
  await goOn.abort().catch(() => {});
  const { signal } = await worker.status;
  assertEquals([signal, left], ["SIGKILL", 0], `it was killed at ${step}, and did not end by itself`);
}

interface Database {
  /** The database of a worker with this name. */
  place(worker: string): Place;
  /** Waits until the database has closed the connection of the worker. */
  settle(worker: string): Promise<void>;
}

/** Kills one worker after another, and checks the remaining files and rows. */
async function crashAll(orm: string, seed: number, { place, settle }: Database): Promise<void> {
  const s3 = createS3Server({ buckets: ["media"] });
  let underWay = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    underWay++;
    return s3.fetch(request).finally(() => underWay--);
  });
  const endpointUrl = `http://127.0.0.1:${server.addr.port}`;
  const storage = s3On(s3);
  const avatar = fileField(storage, { uploadTo: "avatars" });
  const random = new SeededRandom(seed);
  let orphans = 0;
  const table = ORMS[orm]!(place("test"), avatar);
  const referenced = async (): Promise<string[]> => (await table.users.avatars()).flatMap((file) => file?.name ?? []);
  const stored = (): string[] => s3.objects("media").map(({ key }) => key).sort();
  const start = (crashes: number): Promise<Deno.ChildProcess> =>
    startWorker({ orm, place: place(`worker ${crashes}`), endpointUrl, users: USERS, seed: random.below(2 ** 31) });
  let next: Promise<Deno.ChildProcess> | undefined;
  try {
    for (let id = 1; id <= USERS; id++) await table.users.insert(id, await avatar.save(`${id}.png`, `of user ${id}`));
    for (let crashes = 0; crashes < CRASHES; crashes++) {
      const worker = await (next ?? start(crashes));
      next = crashes + 1 < CRASHES ? start(crashes + 1) : undefined; // starts while the current one works
      const step = random.pick(STEPS);
      await crash(worker, step, random);
      await settle(`worker ${crashes}`);
      await drained(endpointUrl, () => underWay);
      const names = await referenced();
      assertEquals(names.filter((name) => !stored().includes(name)), [], `dangling after a crash ${step}`);
      if (crashes % 10 !== 9) continue;
      const removed = await deleteOrphans(storage, {
        folder: "avatars",
        referenced,
        olderThanSeconds: 0,
        now: () => new Date(Date.now() + 10_000), // no save is in progress
        allowNoneReferenced: true,
        maxDeletedFraction: 1,
      });
      orphans += removed.length;
      assertEquals(stored(), names.sort(), "files and references are the same once the helper has run");
    }
    for (let id = 1; id <= USERS; id++) {
      const file = await table.users.get(id);
      if (file) assertEquals(new TextDecoder().decode(await file.read()), `of user ${id}`);
      await file?.close();
    }
  } finally {
    (await next)?.kill("SIGKILL");
    await table.close();
    await server.shutdown();
  }
  assert(orphans > 0, "crashes leave orphans, or there was nothing to show");
}

const OUTCOME = "killed again and again, it leaves no dangling reference, and the helper no orphan";

for (const [index, orm] of Object.keys(ORMS).entries()) {
  Deno.test(`${orm} on SQLite: ${OUTCOME}`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "storages-test-" });
    try {
      const sqlite = `${folder}/users.sqlite`;
      const database = openSqlite(sqlite);
      database.exec(CREATE_TABLE);
      database.close();
      await crashAll(orm, index, { place: () => ({ sqlite }), settle: () => Promise.resolve() });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

const postgres = await startPostgres();
const server = "skipped" in postgres ? undefined : postgres;

for (const [index, orm] of Object.keys(ORMS).entries()) {
  Deno.test({
    name: `${orm} on PostgreSQL: ${OUTCOME}${server ? "" : " (it is not installed)"}`,
    ignore: server === undefined,
    fn: async () => {
      const { host, port, user, database } = server!;
      const config = { host, port, user, database };
      const client = new pg.Client(config);
      await client.connect();
      try {
        await client.query(`${DROP_TABLE}; ${CREATE_TABLE}`);
        // The last statement of a killed worker, such as a COMMIT, may still be running.
        const settle = async (worker: string): Promise<void> => {
          const left = "select 1 from pg_stat_activity where application_name = $1";
          while ((await client.query(left, [worker])).rowCount! > 0) await new Promise((done) => setTimeout(done, 2));
        };
        const place = (worker: string): Place => ({ postgres: { ...config, application_name: worker } });
        await crashAll(orm, 10 + index, { place, settle });
      } finally {
        await client.end();
      }
    },
  });
}

Deno.test({
  name: `PostgreSQL is stopped after the crashes${server ? "" : " (it is not installed)"}`,
  ignore: server === undefined,
  fn: () => server!.stop(),
});
