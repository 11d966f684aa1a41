// deno-lint-ignore-file no-import-prefix -- only tests need the helpers
/** Where Kysely has files in results: in JSON of relations, in array columns, and beside its other plugins. */
import { assertEquals, assertRejects } from "@std/assert";
import {
  CamelCasePlugin,
  Kysely,
  type KyselyPlugin,
  ParseJSONResultsPlugin,
  PostgresDialect,
  sql,
  SqliteDialect,
} from "kysely";
import { jsonArrayFrom, jsonBuildObject, jsonObjectFrom } from "npm:kysely@^0.28.19/helpers/postgres";
import {
  jsonArrayFrom as sqliteArrayFrom,
  jsonObjectFrom as sqliteObjectFrom,
} from "npm:kysely@^0.28.19/helpers/sqlite";
import { FilePlugin } from "../../src/field/kysely/mod.ts";
import { fileField, StoredFile } from "../../src/field/mod.ts";
import { MemoryStorage } from "../../src/storage/memory/memory_storage.ts";
import { startPostgres } from "../servers/postgres.ts";
import { kyselySqlite, openPostgres } from "./user_tables.ts";

interface Tables {
  readonly users: {
    readonly id: number;
    readonly profilePicture: StoredFile | null;
    readonly scans: StoredFile[] | null;
    readonly log: { readonly profilePicture: string } | null;
  };
  readonly pets: { readonly ownerId: number; readonly profilePicture: StoredFile | null };
}

const storage = new MemoryStorage();
const field = fileField(storage);
const files = new FilePlugin({ profilePicture: field, scans: field });
const camel = new CamelCasePlugin();
const parse = new ParseJSONResultsPlugin();
const [me, pet] = [field.file("me.png"), field.file("pet.png")];

/** A copy of a row in which files are `file:` and their name. */
function namesIn(row: unknown): unknown {
  if (row instanceof StoredFile) return `file:${row}`;
  if (Array.isArray(row)) return row.map(namesIn);
  if (typeof row !== "object" || row === null) return row;
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, namesIn(value)]));
}

const PET = { profilePicture: "file:pet.png" };

const SCHEMA = [
  "drop table if exists pets",
  "drop table if exists users cascade",
  "create table users (id integer primary key, profile_picture varchar(100), scans varchar(100)[], log json)",
  "create table pets (owner_id integer, profile_picture varchar(100))",
  `insert into users (id, log) values (1, '{"profilePicture": "me.png"}')`,
];

const postgres = await startPostgres();
const note = "skipped" in postgres ? " (it is not installed)" : "";

const ORDERS: readonly (readonly [name: string, plugins: readonly KyselyPlugin[]])[] = [
  ["FilePlugin before CamelCasePlugin", [files, camel]],
  ["FilePlugin after CamelCasePlugin", [camel, files]],
];

for (const [order, plugins] of ORDERS) {
  Deno.test({
    name: `Kysely on PostgreSQL${note}, ${order}: files in JSON, array columns and returned rows are files`,
    ignore: note !== "",
    fn: async () => {
      const { host, port, user, database } = postgres as Exclude<typeof postgres, { skipped: string }>;
      const pool = openPostgres({ host, port, user, database }, () => {});
      const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), plugins: [...plugins] });
      try {
        for (const statement of SCHEMA) await sql.raw(statement).execute(db);
        const updated = db.updateTable("users").set({ profilePicture: me, scans: [me, pet] });
        assertEquals(namesIn(await updated.returning(["profilePicture", "scans"]).execute()), [
          { profilePicture: "file:me.png", scans: ["file:me.png", "file:pet.png"] },
        ]);
        await db.insertInto("pets").values({ ownerId: 1, profilePicture: pet }).execute();
        const query = db.selectFrom("users").select(({ selectFrom, ref }) => {
          const pets = selectFrom("pets").select("profilePicture").whereRef("ownerId", "=", "users.id");
          return [
            "id",
            jsonArrayFrom(pets).as("pets"),
            jsonObjectFrom(pets).as("pet"),
            jsonBuildObject({ owner: jsonBuildObject({ profilePicture: ref("users.profilePicture") }) }).as("built"),
          ];
        });
        const row = { id: 1, pets: [PET], pet: PET, built: { owner: { profilePicture: "file:me.png" } } };
        assertEquals(namesIn(await query.execute()), [row]);
        // Stored JSON is no file, even if it has the key.
        assertEquals(namesIn(await db.selectFrom("users").select("log").execute()), [{
          log: { profilePicture: "me.png" },
        }]);
      } finally {
        await db.destroy();
      }
    },
  });
}

async function onSqlite(plugins: readonly KyselyPlugin[], run: (db: Kysely<Tables>) => Promise<void>): Promise<void> {
  const dialect = new SqliteDialect({ database: kyselySqlite(":memory:", () => {}) });
  const db = new Kysely<Tables>({ dialect, plugins: [...plugins] });
  try {
    await sql`create table users (id integer primary key, profile_picture text)`.execute(db);
    await sql`create table pets (owner_id integer, profile_picture text)`.execute(db);
    await db.insertInto("users").values({ id: 1, profilePicture: me } as never).execute();
    await db.insertInto("pets").values({ ownerId: 1, profilePicture: pet }).execute();
    await run(db);
  } finally {
    await db.destroy();
  }
}

// deno-lint-ignore explicit-function-return-type -- the type of a query is that of its selections
function withPets(db: Kysely<Tables>) {
  return db.selectFrom("users").select(({ selectFrom }) => {
    const pets = selectFrom("pets").select("profilePicture").whereRef("ownerId", "=", "users.id");
    return ["profilePicture", sqliteArrayFrom(pets).as("pets"), sqliteObjectFrom(pets).as("pet")];
  });
}

Deno.test("Kysely on SQLite: files in JSON are files if ParseJSONResultsPlugin comes before FilePlugin", async () => {
  for (const plugins of [[parse, camel, files], [camel, parse, files], [parse, files, camel]]) {
    await onSqlite(plugins, async (db) => {
      const row = { profilePicture: "file:me.png", pets: [PET], pet: PET };
      assertEquals(namesIn(await withPets(db).execute()), [row]);
      assertEquals(namesIn(await Array.fromAsync(withPets(db).stream())), [row]);
    });
  }
});

Deno.test("Kysely on SQLite: JSON with files that is still text is refused", async () => {
  for (const plugins of [[camel, files, parse], [camel, files]]) {
    await onSqlite(plugins, async (db) => {
      await assertRejects(
        () => withPets(db).execute(),
        TypeError,
        "Cannot find files in the JSON of 'pets': it is still text. Put ParseJSONResultsPlugin before FilePlugin",
      );
      await db.deleteFrom("pets").execute();
      const [row] = await withPets(db).execute();
      assertEquals(namesIn(row!.profilePicture), "file:me.png"); // no file in the JSON
    });
  }
});

Deno.test({
  name: `PostgreSQL is stopped after the results of Kysely${note}`,
  ignore: note !== "",
  fn: () => (postgres as Exclude<typeof postgres, { skipped: string }>).stop(),
});
