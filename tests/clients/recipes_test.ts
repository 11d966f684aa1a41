// deno-lint-ignore-file no-import-prefix -- only tests need the drivers
/** The recipes of docs/records.md for transactions of ORMs, on PostgreSQL. Their types are checked with all other tests. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { drizzle } from "drizzle-orm/node-postgres";
import { Kysely, PostgresDialect } from "kysely";
import { MikroORM } from "npm:@mikro-orm/postgresql@^7.2.5";
// @ts-types="npm:@types/pg@^8.23.1"
import pg from "npm:pg@^8.23.1";
import { Sequelize } from "npm:sequelize@^6.37.8";
import { DataSource } from "npm:typeorm@^1.1.1";
import { FilePlugin } from "../../src/field/kysely/mod.ts";
import { type FileField, fileField } from "../../src/field/mod.ts";
import { MemoryStorage } from "../../src/storage/memory/memory_storage.ts";
import { startPostgres } from "../servers/postgres.ts";
import { replace as replaceInDrizzle } from "./recipes/drizzle.ts";
import { replace as replaceInKysely, run, type Tables } from "./recipes/kysely.ts";
import { replace as replaceInMikroOrm, User as MikroOrmUser } from "./recipes/mikro_orm.ts";
import { replace as replaceInPrisma } from "./recipes/prisma.ts";
import { connectPrisma } from "./recipes/prisma_client.ts";
import { replace as replaceInSequelize } from "./recipes/sequelize.ts";
import { replace as replaceInTypeOrm, User as TypeOrmUser } from "./recipes/typeorm.ts";
import type { PostgresPlace } from "./sql_libraries.ts";
import { CREATE_TABLE, DROP_TABLE } from "./user_tables.ts";

const postgres = await startPostgres();
const note = "skipped" in postgres ? " (it is not installed)" : "";

/** Runs a statement in the transaction of a recipe. */
type Run = (statement: string) => Promise<unknown>;

/** A connected ORM. */
interface Recipe {
  /** Replaces the avatar of user 7 by `avatars/new.png`, and then calls a function in the transaction. */
  replace(avatar: FileField, then: (run: Run) => Promise<unknown>): Promise<void>;
  close(): Promise<unknown>;
}

const ID = 7;

const RECIPES: Readonly<Record<string, (place: PostgresPlace, avatar: FileField) => Recipe | Promise<Recipe>>> = {
  prisma: (place) => {
    const prisma = connectPrisma(place);
    return {
      replace: (avatar, then) =>
        replaceInPrisma(prisma, avatar, ID, "new", (tx) => then((statement) => tx.$executeRawUnsafe(statement))),
      close: () => prisma.$disconnect(),
    };
  },
  typeorm: async ({ host, port, user: username, database }) => {
    const options = { host, port, username, database, entities: [TypeOrmUser] };
    const source = new DataSource({ type: "postgres", driver: pg, poolSize: 1, ...options });
    await source.initialize();
    return {
      replace: (avatar, then) =>
        replaceInTypeOrm(source, avatar, ID, "new", (manager) => then((statement) => manager.query(statement))),
      close: () => source.destroy(),
    };
  },
  sequelize: ({ host, port, user, database }) => {
    const options = { dialect: "postgres" as const, dialectModule: pg, host, port, pool: { max: 1 }, logging: false };
    const sequelize = new Sequelize(database, user, "", options);
    return {
      replace: (avatar, then) =>
        replaceInSequelize(
          sequelize,
          avatar,
          ID,
          "new",
          (transaction) => then((statement) => sequelize.query(statement, { transaction })),
        ),
      close: () => sequelize.close(),
    };
  },
  mikro_orm: async ({ host, port, user, database: dbName }) => {
    const pool = { min: 0, max: 1 };
    const orm = await MikroORM.init({ host, port, user, dbName, pool, entities: [MikroOrmUser] });
    return {
      replace: (avatar, then) =>
        replaceInMikroOrm(orm, avatar, ID, "new", (em) => then((statement) => em.execute(statement))),
      close: () => orm.close(),
    };
  },
  drizzle: (place) => {
    const pool = new pg.Pool({ ...place, max: 1 });
    const db = drizzle({ client: pool });
    return {
      replace: (avatar, then) =>
        replaceInDrizzle(db, avatar, ID, "new", (tx) => then((statement) => tx.execute(statement))),
      close: () => pool.end(),
    };
  },
  kysely: (place, avatar) => {
    const dialect = new PostgresDialect({ pool: new pg.Pool({ ...place, max: 1 }) });
    const db = new Kysely<Tables>({ dialect, plugins: [new FilePlugin({ avatar })] });
    return {
      replace: (avatar, then) =>
        replaceInKysely(db, avatar, ID, "new", (tx) => then((statement) => run(tx, statement))),
      close: () => db.destroy(),
    };
  },
};

for (const [name, open] of Object.entries(RECIPES)) {
  Deno.test({
    name: `the recipe for ${name} on PostgreSQL${note} replaces a file, or keeps the old one`,
    ignore: note !== "",
    fn: async () => {
      const { host, port, user, database } = postgres as Exclude<typeof postgres, { skipped: string }>;
      const place = { host, port, user, database };
      const client = new pg.Client(place);
      await client.connect();
      await client.query(`${DROP_TABLE}; ${CREATE_TABLE}; insert into users values (${ID}, 'avatars/old.png')`);
      const storage = new MemoryStorage();
      const avatar = fileField(storage, { uploadTo: "avatars" });
      await storage.save("avatars/old.png", "old");
      const { replace, close } = await open(place, avatar);
      const assertKept = async (file: string): Promise<void> => {
        assertEquals((await client.query("select avatar from users")).rows, [{ avatar: `avatars/${file}` }]);
        assertEquals(await storage.listdir("avatars"), [[], [file]]);
      };
      try {
        const failing: readonly ((run: Run) => Promise<unknown>)[] = [
          () => Promise.reject(new Error("changed my mind")),
          // User 7 exists: PostgreSQL aborts the transaction, and answers COMMIT with ROLLBACK.
          (run) => run(`insert into users values (${ID}, null)`).catch(() => {}),
          (run) => run("insert into members (user_id) values (99)"), // refused at COMMIT
        ];
        for (const then of failing) {
          await assertRejects(() => replace(avatar, then));
          await assertKept("old.png");
        }
        await replace(avatar, () => Promise.resolve());
        await assertKept("new.png");
      } finally {
        await close();
        await client.end();
      }
    },
  });
}

/** The code of a recipe, without the imports and the last statement of the body, which is the test's. */
async function recipeCode(name: string): Promise<string> {
  const source = await Deno.readTextFile(new URL(`recipes/${name}.ts`, import.meta.url));
  const [, code] = /\/\/ The recipe of docs\/records\.md:\n([^]*?)\n\}\n/.exec(source)!;
  return code!.split("\n").filter((line) => !/^ +(?:await )?then\(/.test(line)).filter((line) =>
    !line.startsWith("  return ")
  ).map((line) => line.slice(2)).join("\n");
}

for (const name of ["prisma", "typeorm", "sequelize", "mikro_orm", "drizzle", "kysely", "d1", "serialization"]) {
  Deno.test(`docs/records.md prints the tested recipe for ${name}`, async () => {
    const page = await Deno.readTextFile(new URL("../../docs/records.md", import.meta.url));
    assert(page.includes(await recipeCode(name)), await recipeCode(name));
  });
}

Deno.test({
  name: `PostgreSQL is stopped after the recipes${note}`,
  ignore: note !== "",
  fn: () => (postgres as Exclude<typeof postgres, { skipped: string }>).stop(),
});
