// deno-lint-ignore-file no-import-prefix -- only tests need the driver
/** Cuts connections to PostgreSQL around a COMMIT: no file that a row refers to may be missing. */
import { assert, assertEquals } from "@std/assert";
// @ts-types="npm:@types/pg@^8.23.1"
import pg from "npm:pg@^8.23.1";
import { deleteOrphans, type FileField, fileField, withFiles } from "../../src/field/mod.ts";
import { MemoryStorage } from "../../src/storage/mod.ts";
import { CUTS, cuttingProxy } from "../servers/cutting_proxy.ts";
import { startPostgres } from "../servers/postgres.ts";
import { SeededRandom } from "../unit/random.ts";
import { loadLibraries, type PostgresPlace } from "./sql_libraries.ts";
import { CREATE_TABLE, DROP_TABLE, ORMS } from "./user_tables.ts";

/** The number of cuts for each library. */
const COMMITS = 200;

const postgres = await startPostgres();

/** Replaces the avatar of user 1 in a transaction. */
interface Replacer {
  replace(): Promise<void>;
  close(): Promise<unknown>;
}

type Open = (place: PostgresPlace, avatar: FileField) => Replacer | Promise<Replacer>;

const REPLACERS: [name: string, open: Open | undefined][] = [];
for (const [name, openTable] of Object.entries(ORMS)) {
  REPLACERS.push([name, (place, avatar) => {
    const table = openTable({ postgres: { ...place } }, avatar);
    return {
      close: () => table.close(),
      replace: () =>
        table.withFiles(async (files) => {
          const file = await files.save(avatar, "me.png", "new");
          await files.transaction(async (users) => {
            files.deleteAfterCommit(await users.get(1));
            await users.update(1, file);
          });
        }),
    };
  }]);
}
for (const [name, openLibrary] of await loadLibraries()) {
  REPLACERS.push([
    name,
    openLibrary && (async (place, avatar) => {
      const { transaction, query, close } = await openLibrary(place);
      const verify = (tx: unknown): PromiseLike<unknown> => query(tx, "select 1");
      let current: string | undefined;
      return {
        close,
        replace: () =>
          withFiles(transaction, async (files) => {
            const file = await files.save(avatar, "me.png", "new");
            await files.transaction(async (tx) => {
              await query(tx, "update users set avatar = $1 where id = 1", [file.name]);
              files.deleteAfterCommit(avatar.file(current));
            });
            current = file.name;
          }, { verify }),
      };
    }),
  ]);
}

/** Waits until PostgreSQL has finished the work of the cut connections. */
async function settle(client: pg.Client): Promise<void> {
  const others = "select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()";
  while ((await client.query(others)).rowCount! > 0) await new Promise((done) => setTimeout(done, 2));
}

for (const [index, [name, open]] of REPLACERS.entries()) {
  const note = "skipped" in postgres ? " (it is not installed)" : open ? "" : ` (${name} cannot be loaded)`;
  Deno.test({
    name: `${name} on PostgreSQL${note}: ${COMMITS} connections cut around COMMIT leave no dangling reference`,
    ignore: note !== "",
    fn: async () => {
      const { host, port, user, database } = postgres as Exclude<typeof postgres, { skipped: string }>;
      const client = new pg.Client({ host, port, user, database });
      await client.connect();
      const proxy = cuttingProxy(host, port);
      const storage = new MemoryStorage();
      const avatar = fileField(storage, { uploadTo: "avatars" });
      const random = new SeededRandom(index);
      const stored = (): Promise<string[]> =>
        Array.fromAsync(storage.list("", { recursive: true }), (file) => file.name);
      const row = async (): Promise<string> =>
        (await client.query("select avatar from users where id = 1")).rows[0].avatar;
      const ends = { resolved: 0, rejected: 0 };
      try {
        await client.query(`${DROP_TABLE}; ${CREATE_TABLE}; insert into users values (1, 'avatars/first.png')`);
        await storage.save("avatars/first.png", "first");
        for (let commits = 0; commits < COMMITS; commits++) {
          const replacer = await open!({ host, port: proxy.port, user, database }, avatar);
          const cut = proxy.next = random.pick(CUTS);
          await replacer.replace().then(() => ends.resolved++, () => ends.rejected++);
          await replacer.close();
          await settle(client);
          const [name, names] = [await row(), await stored()];
          assert(names.includes(name), `cut ${cut}: the row refers to ${name}, stored are ${names}`);
        }
        assertEquals([proxy.cuts, ends.resolved + ends.rejected], [COMMITS, COMMITS]);
        assert(ends.rejected > 0, "some cuts before a COMMIT are errors");
        await deleteOrphans(storage, {
          folder: "avatars",
          referenced: async () => [await row()],
          olderThanSeconds: 0,
          maxDeletedFraction: 1,
        });
        assertEquals(await stored(), [await row()]);
      } finally {
        await client.end();
        await proxy.close();
      }
    },
  });
}

Deno.test({
  name: `PostgreSQL is stopped after the cuts${"skipped" in postgres ? " (it is not installed)" : ""}`,
  ignore: "skipped" in postgres,
  fn: () => (postgres as Exclude<typeof postgres, { skipped: string }>).stop(),
});
