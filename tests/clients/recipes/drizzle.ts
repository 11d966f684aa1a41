import { eq } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { customType, integer, pgTable } from "drizzle-orm/pg-core";
import { type DrizzleDatabase, type FileColumn, fileColumn, withFiles } from "../../../src/field/drizzle/mod.ts";
import type { FileField } from "../../../src/field/mod.ts";

/** Replaces the avatar of a user. */
export async function replace(
  db: NodePgDatabase,
  avatar: FileField,
  id: number,
  content: string,
  then: (tx: Pick<NodePgDatabase, "execute">) => Promise<unknown>,
): Promise<void> {
  const avatarColumn = customType<FileColumn>(fileColumn(avatar));
  const users = pgTable("users", { id: integer().primaryKey(), avatar: avatarColumn().unique() });
  // The recipe of docs/records.md:
  type Tx = Parameters<Parameters<typeof db.transaction>[0]>[0];
  const serializable: DrizzleDatabase<Tx> = {
    transaction: (body) => db.transaction(body, { isolationLevel: "serializable" }),
  };

  await withFiles(serializable, async (files) => {
    const picture = await files.save(avatar, "new.png", content);
    await files.transaction(async (tx) => {
      const [user] = await tx.select().from(users).where(eq(users.id, id));
      await tx.update(users).set({ avatar: picture }).where(eq(users.id, id));
      files.deleteAfterCommit(user?.avatar);
      await then(tx);
    });
  });
}
