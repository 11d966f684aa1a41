// deno-lint-ignore-file no-import-prefix -- only tests need it
import { type DataSource, type EntityManager, EntitySchema } from "npm:typeorm@^1.1.1";
import { type FileField, type Transaction, withFiles } from "../../../src/field/mod.ts";

/** The table. */
export const User = new EntitySchema<{ id: number; avatar: string | null }>({
  name: "User",
  tableName: "users",
  columns: { id: { type: Number, primary: true }, avatar: { type: String, nullable: true, unique: true } },
});

/** Replaces the avatar of a user. */
export async function replace(
  dataSource: DataSource,
  avatar: FileField,
  id: number,
  content: string,
  then: (manager: EntityManager) => Promise<unknown>,
): Promise<void> {
  // The recipe of docs/records.md:
  const transaction: Transaction<EntityManager> = (body) => dataSource.transaction("READ COMMITTED", body);
  const verify = (manager: EntityManager) => manager.query("select 1");

  await withFiles(transaction, async (files) => {
    const picture = await files.save(avatar, "new.png", content);
    await files.transaction(async (manager) => {
      const user = await manager.findOneOrFail(User, { where: { id }, lock: { mode: "pessimistic_write" } });
      await manager.update(User, { id }, { avatar: picture.toJSON() });
      files.deleteAfterCommit(avatar, user.avatar);
      await then(manager);
    });
  }, { verify });
}
