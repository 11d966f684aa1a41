import { type FileField, type Transaction, withFiles } from "../../../src/field/mod.ts";
import type { Prisma, PrismaClient } from "./prisma_client.ts";

/** Replaces the avatar of a user. */
export async function replace(
  prisma: PrismaClient,
  avatar: FileField,
  id: number,
  content: string,
  then: (tx: Prisma.TransactionClient) => Promise<unknown>,
): Promise<void> {
  // The recipe of docs/records.md:
  const transaction: Transaction<Prisma.TransactionClient> = (body) => prisma.$transaction(body, { timeout: 10_000 });
  const verify = (tx: Prisma.TransactionClient) => tx.$executeRaw`select 1`;

  await withFiles(transaction, async (files) => {
    const picture = await files.save(avatar, "new.png", content);
    await files.transaction(async (tx) => {
      const user = await tx.user.findUniqueOrThrow({ where: { id } });
      await tx.user.update({ where: { id }, data: { avatar: picture.toJSON() } });
      files.deleteAfterCommit(avatar, user.avatar);
      await then(tx);
    });
  }, { verify });
}
