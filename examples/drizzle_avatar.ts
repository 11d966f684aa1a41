// deno-lint-ignore-file no-console -- the example prints its results
/**
 * An avatar in a Drizzle table: saved, replaced and rolled back together with the user's row, without losing a file.
 *
 * @module
 */
import { DatabaseSync, type SQLInputValue } from "node:sqlite"; // instead of your database; Deno, or Node from 22.5 on
import { eq } from "drizzle-orm";
import { customType, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { drizzle } from "drizzle-orm/sqlite-proxy";
import { type FileColumn, fileColumn, withFiles } from "@storages/s3/drizzle";
import { deleteOrphans, fileField } from "@storages/s3/field";
import { MemoryStorage } from "@storages/s3/storage"; // instead of an S3Storage

const storage = new MemoryStorage({ baseUrl: "https://media.example.com/" });
const avatarField = fileField(storage, { uploadTo: "avatars" });
const avatar = customType<FileColumn>(fileColumn(avatarField));
const users = sqliteTable("users", { id: integer().primaryKey(), name: text().notNull(), avatar: avatar() });

const sqlite = new DatabaseSync(":memory:");
sqlite.exec("create table users (id integer primary key, name text not null, avatar varchar(100))");
const db = drizzle((sql, parameters) => {
  const rows = sqlite.prepare(sql).all(...parameters as SQLInputValue[]);
  return Promise.resolve({ rows: rows.map((row) => Object.values(row)) });
});

/** Stores the new picture before the transaction, and deletes the old one after the commit. */
async function changeAvatar(id: number, name: string, picture: Blob): Promise<void> {
  await withFiles(db, async (files) => {
    const file = await files.save(avatarField, name, picture);
    await files.transaction(async (tx) => {
      const [user] = await tx.select().from(users).where(eq(users.id, id));
      if (user === undefined) throw new Error(`User ${id} does not exist`);
      await tx.update(users).set({ avatar: file }).where(eq(users.id, id));
      files.deleteAfterCommit(user.avatar);
    });
  });
}
const show = async (what: string): Promise<void> => {
  const [user] = await db.select().from(users);
  console.log(what.padEnd(14), await user?.avatar?.url(), "| stored:", (await storage.listdir("avatars"))[1].join());
};

await db.insert(users).values({ id: 7, name: "Ada" });
await changeAvatar(7, "first.png", new Blob(["a picture"], { type: "image/png" }));
await show("created:");
await changeAvatar(7, "second.png", new Blob(["another"], { type: "image/png" }));
await show("replaced:");
await changeAvatar(8, "third.png", new Blob(["lost"])).catch((error) => console.log(error.message));
await show("rolled back:");

// Run this from time to time: it deletes files that a crash left behind, once they are a day old.
const orphans = await deleteOrphans(storage, {
  folder: "avatars",
  referenced: async () => (await db.select().from(users)).map((user) => user.avatar),
});
console.log("orphans:", orphans);
