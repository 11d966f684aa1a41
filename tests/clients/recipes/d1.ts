// deno-lint-ignore-file require-await -- as docs/records.md prints it
import { and, eq, isNull } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { customType, integer, sqliteTable } from "drizzle-orm/sqlite-core";
import { type FileColumn, fileColumn } from "../../../src/field/drizzle/mod.ts";
import { batchTransaction, type FileField, withFiles } from "../../../src/field/mod.ts";

/** Replaces the avatar of a user. `then` runs between the query and the batch. */
export async function replace(
  db: DrizzleD1Database,
  avatar: FileField,
  id: number,
  content: string,
  then: () => void = () => {},
): Promise<void> {
  const avatarColumn = customType<FileColumn>(fileColumn(avatar));
  const users = sqliteTable("users", { id: integer().primaryKey(), avatar: avatarColumn().unique() });
  // The recipe of docs/records.md:
  const transaction = batchTransaction((statements: BatchItem<"sqlite">[]) =>
    db.batch(statements as [BatchItem<"sqlite">])
  );

  await withFiles(transaction, async (files) => {
    const picture = await files.save(avatar, "new.png", content);
    const user = await db.select().from(users).where(eq(users.id, id)).get();
    await then();
    const unchanged = user?.avatar ? eq(users.avatar, user.avatar) : isNull(users.avatar);
    const batch = await files.transaction(async (batch) => {
      batch.add(db.update(users).set({ avatar: picture }).where(and(eq(users.id, id), unchanged)).returning());
      return batch;
    });
    const isReplaced = batch.results[0].length === 1; // else another request was first, or the user does not exist
    files.deleteAfterCommit(isReplaced ? user?.avatar : picture);
  });
}
