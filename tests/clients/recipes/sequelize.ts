// deno-lint-ignore-file no-import-prefix -- only tests need it
import {
  DataTypes,
  type Model,
  type ModelStatic,
  type Sequelize,
  Transaction as SequelizeTransaction,
} from "npm:sequelize@^6.37.8";
import { type FileField, type Transaction, withFiles } from "../../../src/field/mod.ts";

/** A row. */
export interface UserRow extends Model<{ id: number; avatar: string | null }> {
  readonly id: number;
  readonly avatar: string | null;
}

/** Defines the table. */
export function defineUsers(sequelize: Sequelize): ModelStatic<UserRow> {
  return sequelize.define<UserRow>("User", {
    id: { type: DataTypes.INTEGER, primaryKey: true },
    avatar: { type: DataTypes.STRING(100), unique: true },
  }, { tableName: "users", timestamps: false });
}

/** Replaces the avatar of a user. */
export async function replace(
  sequelize: Sequelize,
  avatar: FileField,
  id: number,
  content: string,
  then: (transaction: SequelizeTransaction) => Promise<unknown>,
): Promise<void> {
  const User = defineUsers(sequelize);
  const { READ_COMMITTED } = SequelizeTransaction.ISOLATION_LEVELS;
  // The recipe of docs/records.md:
  const transaction: Transaction<SequelizeTransaction> = (body) =>
    sequelize.transaction({ isolationLevel: READ_COMMITTED }, body);
  const verify = (transaction: SequelizeTransaction) => sequelize.query("select 1", { transaction });

  await withFiles(transaction, async (files) => {
    const picture = await files.save(avatar, "new.png", content);
    await files.transaction(async (transaction) => {
      const user = await User.findByPk(id, { transaction, lock: true, rejectOnEmpty: true });
      files.deleteAfterCommit(avatar, user.avatar);
      await user.update({ avatar: picture.toJSON() }, { transaction });
      await then(transaction);
    });
  }, { verify });
}
