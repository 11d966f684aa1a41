/** Columns as Django makes them, `varchar NOT NULL` with `''` for no file, through Drizzle, Kysely and plain rows. */
import { assertEquals, assertThrows } from "@std/assert";
import { eq } from "drizzle-orm";
import { customType, integer, sqliteTable } from "drizzle-orm/sqlite-core";
import { drizzle } from "drizzle-orm/sqlite-proxy";
import { Kysely, SqliteDialect } from "kysely";
import type { SQLInputValue } from "node:sqlite";
import { type FileColumn, fileColumn } from "../../src/field/drizzle/mod.ts";
import { FilePlugin } from "../../src/field/kysely/mod.ts";
import { fileField, type StoredFile } from "../../src/field/mod.ts";
import { MemoryStorage } from "../../src/storage/memory/memory_storage.ts";
import { kyselySqlite, openSqlite } from "./user_tables.ts";

const avatar = fileField(new MemoryStorage(), { uploadTo: "avatars", emptyValue: "" });

const CREATE = "create table users (id integer primary key, avatar varchar(100) not null); " +
  "insert into users values (1, ''), (2, 'avatars/me.png')";

Deno.test("Drizzle writes a row of Django back, and finds rows without a file", async () => {
  const sqlite = openSqlite(":memory:");
  sqlite.exec(CREATE);
  const db = drizzle((sql, parameters) => {
    const rows = sqlite.prepare(sql).all(...parameters as SQLInputValue[]);
    return Promise.resolve({ rows: rows.map((row) => Object.values(row)) });
  });
  const column = customType<FileColumn>(fileColumn(avatar));
  const users = sqliteTable("users", { id: integer().primaryKey(), avatar: column().notNull().default(avatar.file()) });
  for (const user of await db.select().from(users)) await db.update(users).set(user).where(eq(users.id, user.id));
  await db.insert(users).values({ id: 3 });
  const none = await db.select({ id: users.id }).from(users).where(eq(users.avatar, avatar.file()));
  assertEquals(none, [{ id: 1 }, { id: 3 }]);
  const [user] = await db.select().from(users).where(eq(users.id, 1));
  assertEquals([user!.avatar.isEmpty, JSON.stringify(user)], [true, '{"id":1,"avatar":""}']);
  sqlite.close();
});

Deno.test("Kysely writes a row of Django back, and finds rows without a file", async () => {
  const database = kyselySqlite(":memory:", () => {});
  for (const statement of CREATE.split("; ")) database.prepare(statement).run([]);
  const db = new Kysely<{ users: { id: number; avatar: StoredFile } }>({
    dialect: new SqliteDialect({ database }),
    plugins: [new FilePlugin({ avatar })],
  });
  for (const user of await db.selectFrom("users").selectAll().execute()) {
    await db.updateTable("users").set(user).where("id", "=", user.id).execute();
  }
  const none = await db.selectFrom("users").select("id").where("avatar", "=", avatar.file()).execute();
  assertEquals(none, [{ id: 1 }]);
  await db.destroy();
});

Deno.test('a file of a field with emptyValue "" is "" in JSON and in parameters of drivers', () => {
  const row = avatar.attach({ id: 1, avatar: "" as string | null }, "avatar");
  const file = row.avatar;
  assertEquals([JSON.stringify(row), file.toPostgres(), file.toSqlString()], ['{"id":1,"avatar":""}', "", "''"]);
  row.avatar = avatar.file(null);
  assertEquals([row.avatar.toJSON(), row.avatar.equals(null)], ["", true]);
  const message = 'emptyValue must be null or "", got "none"';
  assertThrows(() => fileField(new MemoryStorage(), { emptyValue: "none" as "" }), TypeError, message);
});
