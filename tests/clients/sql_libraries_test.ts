// deno-lint-ignore-file no-import-prefix -- only tests need the driver
/** `withFiles` and files as parameters with libraries without an adapter of ours, on PostgreSQL. */
import { assert, assertEquals, assertRejects } from "@std/assert";
// @ts-types="npm:@types/pg@^8.23.1"
import pg from "npm:pg@^8.23.1";
import { type FileField, fileField, StoredFile, withFiles } from "../../src/field/mod.ts";
import { MemoryStorage } from "../../src/storage/mod.ts";
import { startPostgres } from "../servers/postgres.ts";
import { loadLibraries, type SqlLibrary } from "./sql_libraries.ts";
import { CREATE_TABLE, DROP_TABLE } from "./user_tables.ts";

const postgres = await startPostgres();
const libraries = await loadLibraries();

interface Stage extends SqlLibrary {
  readonly name: string;
  readonly avatar: FileField;
  /** The avatar of user 1 in the database, read by another connection. */
  row(): Promise<string | null>;
  stored(): Promise<string[]>;
  /** Gives user 1 a new avatar, and runs a function in the same transaction. */
  replace(then?: (tx: unknown) => PromiseLike<unknown>): Promise<void>;
}

/** Registers a test for each available library. */
function test(what: string, run: (stage: Stage) => Promise<void>): void {
  for (const [name, open] of libraries) {
    const note = "skipped" in postgres ? " (it is not installed)" : open ? "" : ` (${name} cannot be loaded)`;
    Deno.test({
      name: `${name} on PostgreSQL${note}: ${what}`,
      ignore: note !== "",
      fn: async () => {
        const { host, port, user, database } = postgres as Exclude<typeof postgres, { skipped: string }>;
        const place = { host, port, user, database };
        const library = await open!(place);
        const client = new pg.Client(place);
        await client.connect();
        try {
          await client.query(`${DROP_TABLE}; ${CREATE_TABLE}; insert into users values (1, 'avatars/old.png')`);
          await run(await stageOf(name, library, client));
        } finally {
          await library.close();
          await client.end();
        }
      },
    });
  }
}

async function stageOf(name: string, library: SqlLibrary, client: pg.Client): Promise<Stage> {
  const storage = new MemoryStorage();
  const avatar = fileField(storage, { uploadTo: "avatars" });
  await storage.save("avatars/old.png", "old");
  return {
    ...library,
    name,
    avatar,
    row: async () => (await client.query("select avatar from users where id = 1")).rows[0]?.avatar,
    stored: () => Array.fromAsync(storage.list("", { recursive: true }), (file) => file.name),
    replace: (then = () => Promise.resolve()) => {
      const verify = (tx: unknown): PromiseLike<unknown> => library.query(tx, "select 1");
      return withFiles(library.transaction, async (files) => {
        const file = await files.save(avatar, "new.png", "new");
        await files.transaction(async (tx) => {
          await library.query(tx, `update users set avatar = '${file}' where id = 1`);
          files.deleteAfterCommit(avatar.file("avatars/old.png"));
          await then(tx);
        });
      }, { verify });
    },
  };
}

test("withFiles replaces a file", async (stage) => {
  await stage.replace();
  assertEquals([await stage.row(), await stage.stored()], ["avatars/new.png", ["avatars/new.png"]]);
});

test("withFiles with verify detects a COMMIT whose response is ROLLBACK", async (stage) => {
  const { query } = stage;
  const error = await assertRejects(() =>
    stage.replace(async (tx) => {
      try {
        await query(tx, "insert into users values (1, null)"); // user 1 exists
      } catch {
        // swallowed
      }
    })
  );
  assertEquals([await stage.row(), await stage.stored()], ["avatars/old.png", ["avatars/old.png"]], String(error));
});

test("a deferred constraint that fails at COMMIT deletes the new file", async (stage) => {
  const error = await assertRejects(() =>
    stage.replace((tx) => stage.query(tx, "insert into members (user_id) values (99)"))
  );
  assertEquals([await stage.row(), await stage.stored()], ["avatars/old.png", ["avatars/old.png"]], String(error));
});

/** The class of another copy of this module. */
const { StoredFile: OtherStoredFile } = await import(
  new URL("../../src/field/stored_file.ts?copy", import.meta.url).href
) as { StoredFile: typeof StoredFile };

/** Runs an update whose parameter is a file. */
async function writeBare({ transaction, query }: Stage, file: StoredFile): Promise<void> {
  await transaction(async (tx) => void await query(tx, "update users set avatar = $1 where id = 1", [file]));
}

/** MikroORM writes objects into the text of the query, without quotes. */
const PARAMETERS_ARE_TEXT = "MikroORM";

test("a file as a bare parameter is written as its name", async (stage) => {
  const { storage } = stage.avatar;
  const place = { storage, asksForRecord: false, save: () => Promise.reject(new Error("not used")) };
  const [file, other] = [stage.avatar.file("avatars/new.png"), new OtherStoredFile(place, "file", "avatars/two.png")];
  for (const one of [file, other]) {
    if (stage.name === PARAMETERS_ARE_TEXT) {
      await assertRejects(() => writeBare(stage, one), Error, 'column "avatars" does not exist');
      continue;
    }
    await writeBare(stage, one);
    assertEquals(await stage.row(), one.name);
  }
  assert(file instanceof StoredFile && !(other instanceof StoredFile));
});

test("an empty file as a bare parameter is written as NULL, by postgres.js as an empty text", async (stage) => {
  const none = stage.avatar.file();
  if (stage.name === PARAMETERS_ARE_TEXT) {
    await assertRejects(() => writeBare(stage, none), Error, "syntax error");
    return;
  }
  await writeBare(stage, none);
  const row = await stage.row();
  assertEquals(row, stage.name === "postgres.js" ? "" : null);
  assertEquals(stage.avatar.file(row).isEmpty, true);
});

Deno.test({
  name: `PostgreSQL is stopped after the libraries${"skipped" in postgres ? " (it is not installed)" : ""}`,
  ignore: "skipped" in postgres,
  fn: () => (postgres as Exclude<typeof postgres, { skipped: string }>).stop(),
});
