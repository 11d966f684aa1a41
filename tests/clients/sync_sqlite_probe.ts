// deno-lint-ignore-file no-console -- the output is the result
/** Runs the recipe for synchronous drivers with the driver itself, on Bun or Node: DRIVER NODE_MODULES RECIPE. */
import { eq } from "drizzle-orm";
import { BetterSQLiteSession } from "drizzle-orm/better-sqlite3/session";
import { SQLiteBunSession } from "drizzle-orm/bun-sqlite/session";
import { BaseSQLiteDatabase, customType, integer, SQLiteSyncDialect, sqliteTable } from "drizzle-orm/sqlite-core";
import { type FileColumn, fileColumn } from "../../src/field/drizzle/mod.ts";
import { fileField, withFiles } from "../../src/field/mod.ts";
import { MemoryStorage } from "../../src/storage/mod.ts";

// deno-lint-ignore no-explicit-any -- the types of either runtime
const { process } = globalThis as any;
const [driver, modules, recipe] = process.argv.slice(2) as [string, string, string];

const isBun = driver === "bun:sqlite";
const loaded = await import(isBun ? driver : `${modules}/better-sqlite3/lib/index.js`);
const sqlite = new (isBun ? loaded.Database : loaded.default)(":memory:");
const dialect = new SQLiteSyncDialect();
const session = isBun
  ? new SQLiteBunSession(sqlite, dialect, undefined)
  : new BetterSQLiteSession(sqlite, dialect, undefined);
// The result of drizzle() for either driver; its modules import the driver by name, which does not work in a bundle.
const db = new BaseSQLiteDatabase("sync", dialect, session as never, undefined);

const storage = new MemoryStorage();
const avatar = fileField(storage, { uploadTo: "avatars" });
const column = customType<FileColumn>(fileColumn(avatar));
const users = sqliteTable("users", { id: integer().primaryKey(), avatar: column().unique() });
sqlite.exec("create table users (id integer primary key, avatar varchar(100) unique)");
sqlite.exec("insert into users values (7, 'avatars/old.png'), (8, 'avatars/new.png')");
await storage.save("avatars/old.png", "old");

const scope = { withFiles, eq, avatar, users, content: "new", db };
// deno-lint-ignore no-explicit-any -- not exported
const AsyncFunction = (async () => {}).constructor as any;
const run = (): Promise<void> => new AsyncFunction(...Object.keys(scope), recipe)(...Object.values(scope));

/** The avatar in the row, and the stored names. */
async function state(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of storage.list("", { recursive: true })) names.push(name);
  return [sqlite.prepare("select avatar from users where id = 7").get().avatar, ...names];
}

let bare: string | undefined;
try {
  sqlite.prepare("update users set avatar = ? where id = 8").run(avatar.file("avatars/bare.png"));
} catch (error) {
  bare = (error as Error).message;
}
await run().catch(() => {}); // user 8 has avatars/new.png
const refused = await state();
sqlite.exec("delete from users where id = 8");
await run();
console.log(JSON.stringify({ refused, replaced: await state(), bare }));
