// deno-lint-ignore-file no-import-prefix -- only tests need it
import { defineEntity, type EntityManager, LockMode, p } from "npm:@mikro-orm/sql@^7.2.5";
import { type FileField, type Transaction, withFiles } from "../../../src/field/mod.ts";

/** The table. */
export const User = defineEntity({
  name: "User",
  tableName: "users",
  properties: { id: p.integer().primary(), avatar: p.string().nullable().unique() },
});

/** Replaces the avatar of a user. */
export async function replace(
  orm: { readonly em: EntityManager },
  avatar: FileField,
  id: number,
  content: string,
  then: (em: EntityManager) => Promise<unknown>,
): Promise<void> {
  // The recipe of docs/records.md:
  const transaction: Transaction<EntityManager> = (body) => orm.em.fork().transactional(body);
  const verify = (em: EntityManager) => em.execute("select 1");

  await withFiles(transaction, async (files) => {
    const picture = await files.save(avatar, "new.png", content);
    await files.transaction(async (em) => {
      const user = await em.findOneOrFail(User, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      files.deleteAfterCommit(avatar, user.avatar);
      user.avatar = picture.toJSON();
      await em.flush(); // before verify
      await then(em);
    });
  }, { verify });
}
