import { type Kysely, sql, type Transaction } from "kysely";
import { withFiles } from "../../../src/field/kysely/mod.ts";
import type { FileField, StoredFile } from "../../../src/field/mod.ts";

/** The tables. */
export interface Tables {
  readonly users: { readonly id: number; readonly avatar: StoredFile | null };
}

/** Replaces the avatar of a user. */
export async function replace(
  db: Kysely<Tables>,
  avatar: FileField,
  id: number,
  content: string,
  then: (tx: Transaction<Tables>) => Promise<unknown>,
): Promise<void> {
  // The recipe of docs/records.md:
  const serializable = { transaction: () => db.transaction().setIsolationLevel("serializable") };

  await withFiles(serializable, async (files) => {
    const picture = await files.save(avatar, "new.png", content);
    await files.transaction(async (tx) => {
      const user = await tx.selectFrom("users").select("avatar").where("id", "=", id).executeTakeFirst();
      await tx.updateTable("users").set({ avatar: picture }).where("id", "=", id).execute();
      files.deleteAfterCommit(user?.avatar);
      await then(tx);
    });
  });
}

/** Runs a statement of SQL. */
export async function run(tx: Kysely<Tables>, statement: string): Promise<void> {
  await sql.raw(statement).execute(tx);
}
