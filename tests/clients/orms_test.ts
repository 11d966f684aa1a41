// deno-lint-ignore-file no-import-prefix -- only tests need the driver
/** The adapters for Drizzle and Kysely, on SQLite and on a real PostgreSQL. */
import { assert, assertEquals, assertRejects } from "@std/assert";
// @ts-types="npm:@types/pg@^8.23.1"
import pg from "npm:pg@^8.23.1";
import { deleteOrphans, type FileField, fileField, type FileTransaction, StoredFile } from "../../src/field/mod.ts";
import { createS3Server, type S3Server } from "../../src/testing/mod.ts";
import { startPostgres } from "../servers/postgres.ts";
import { s3On } from "../unit/storage/storages.ts";
import {
  CREATE_TABLE,
  DROP_TABLE,
  openSqlite,
  ORMS,
  type Place,
  type Users,
  type UserTable,
  type Watch,
} from "./user_tables.ts";

const postgres = await startPostgres();

/** The databases; each opens a new one with an empty table. */
const DATABASES: Readonly<
  Record<string, { readonly ignore: boolean; create(): Promise<Place>; drop(place: Place): Promise<void> }>
> = {
  SQLite: {
    ignore: false,
    create: async () => {
      const sqlite = await Deno.makeTempFile({ prefix: "storages-test-", suffix: ".sqlite" });
      const database = openSqlite(sqlite);
      database.exec(CREATE_TABLE);
      database.close();
      return { sqlite };
    },
    drop: async (place) => await Deno.remove((place as { sqlite: string }).sqlite),
  },
  [`PostgreSQL${"skipped" in postgres ? " (it is not installed)" : ""}`]: {
    ignore: "skipped" in postgres,
    create: async () => {
      const { host, port, user, database } = postgres as Exclude<typeof postgres, { skipped: string }>;
      const place = { postgres: { host, port, user, database } };
      await query(place.postgres, `${DROP_TABLE}; ${CREATE_TABLE}`);
      return place;
    },
    drop: () => Promise.resolve(),
  },
};

async function query(config: pg.ClientConfig, sql: string): Promise<void> {
  const client = new pg.Client(config);
  await client.connect();
  await client.query(sql);
  await client.end();
}

interface Stage extends UserTable {
  readonly server: S3Server;
  readonly avatar: FileField;
  /** The keys in the bucket. */
  names(): string[];
  /** Saves an avatar, assigns it to the user, and removes the old one. */
  replace(id: number, name: string, then?: (users: Users) => Promise<void>): Promise<StoredFile>;
}

function stageOf(table: UserTable, server: S3Server, avatar: FileField): Stage {
  return {
    ...table,
    server,
    avatar,
    names: () => server.objects("media").map(({ key }) => key),
    replace: (id, name, then = () => Promise.resolve()) =>
      table.withFiles(async (files: FileTransaction<Users>) => {
        const file = await files.save(avatar, name, `${id}: ${name}`);
        return await files.transaction(async (users) => {
          files.deleteAfterCommit(await users.get(id));
          await users.update(id, file);
          await then(users);
          return file;
        });
      }),
  };
}

/** Registers a test for each ORM and database. */
function test(what: string, run: (stage: Stage) => Promise<void>, watch?: () => Watch): void {
  for (const [orm, open] of Object.entries(ORMS)) {
    for (const [name, database] of Object.entries(DATABASES)) {
      Deno.test({
        name: `${orm} on ${name}: ${what}`,
        ignore: database.ignore,
        fn: async () => {
          const place = await database.create();
          const server = createS3Server({ buckets: ["media"] });
          const avatar = fileField(s3On(server), { uploadTo: "avatars" });
          const table = open(place, avatar, watch?.());
          try {
            await run(stageOf(table, server, avatar));
          } finally {
            await table.close();
            await database.drop(place);
          }
        },
      });
    }
  }
}

test("a column is a file bound to its storage, or null", async ({ users, avatar }) => {
  await users.insert(1, null);
  await users.insert(2, await avatar.save("me.png", "content"));
  await users.insert(3, avatar.file());
  const [none, file, empty] = [await users.get(1), await users.get(2), await users.get(3)];
  assertEquals([none, empty, await users.get(4)], [null, null, undefined]);
  assert(file instanceof StoredFile);
  assertEquals([file.name, await file.size(), new TextDecoder().decode(await file.read())], [
    "avatars/me.png",
    7,
    "content",
  ]);
  assertEquals(JSON.stringify({ file }), '{"file":"avatars/me.png"}');
});

test("create, replace and delete keep the referenced file only", async (stage) => {
  const { users } = stage;
  await users.insert(1, null);
  const first = await stage.replace(1, "me.png");
  assertEquals([stage.names(), String(first)], [["avatars/me.png"], "avatars/me.png"]);
  const second = await stage.replace(1, "me.png");
  assertEquals([stage.names(), first.equals(second)], [[String(second)], false]);
  assertEquals(String(await users.get(1)), second.name);
  await stage.withFiles((files) =>
    files.transaction(async (users) => {
      files.deleteAfterCommit(await users.get(1));
      await users.remove(1);
    })
  );
  assertEquals([stage.names(), await users.get(1)], [[], undefined]);
});

test("removing the row keeps the file until it is deleted explicitly", async (stage) => {
  await stage.users.insert(1, await stage.avatar.save("me.png", "content"));
  await stage.users.remove(1);
  assertEquals([stage.names(), await stage.users.get(1)], [["avatars/me.png"], undefined]);
});

test("a rollback keeps the old file and its reference, and deletes the new file", async (stage) => {
  await stage.users.insert(1, null);
  const old = await stage.replace(1, "old.png");
  const during: string[][] = [];
  const failing = async (users: Users): Promise<void> => {
    during.push(stage.names(), [String(await users.get(1))]);
    throw new Error("changed my mind");
  };
  await assertRejects(() => stage.replace(1, "new.png", failing), Error, "changed my mind");
  assertEquals(during, [["avatars/new.png", "avatars/old.png"], ["avatars/new.png"]]);
  assertEquals([stage.names(), String(await stage.users.get(1))], [["avatars/old.png"], old.name]);
});

test("an error of the database keeps the old file, and deletes the new one", async (stage) => {
  await stage.users.insert(1, null);
  await stage.users.insert(2, stage.avatar.file("avatars/taken.png"));
  await stage.replace(1, "old.png");
  const taken = (users: Users): Promise<void> => users.update(1, stage.avatar.file("avatars/taken.png"));
  await assertRejects(() => stage.replace(1, "new.png", taken));
  assertEquals([stage.names(), String(await stage.users.get(1))], [["avatars/old.png"], "avatars/old.png"]);
});

test("a file of another storage is refused as a value of the column", async ({ users }) => {
  const other = fileField(s3On(createS3Server({ buckets: ["archive"] }), { bucketName: "archive" }));
  const elsewhere = await other.save("me.png", "x");
  const error = await assertRejects(() => users.insert(1, elsewhere)) as Error;
  assert(/'me.png'.*it is in another storage/.test(`${error} ${error.cause}`), String(error));
  await users.insert(1, other.file());
  assertEquals(await users.get(1), null);
});

/** Forwards the first COMMIT to the database, and drops its answer. */
function losingCommit(): Watch {
  let isLost = false;
  return (when, sql) => {
    if (isLost || when === "before" || !/^commit/i.test(sql)) return;
    isLost = true;
    throw new Error("connection lost");
  };
}

test(
  "a commit whose answer is lost leaves no reference without a file, and the helper removes what is left",
  async (stage) => {
    await stage.users.insert(1, stage.avatar.file(await stage.avatar.storage.save("avatars/old.png", "old")));
    await assertRejects(() => stage.replace(1, "new.png")); // the error of SQLite is that of the following ROLLBACK
    assertEquals(stage.names(), ["avatars/new.png", "avatars/old.png"]);
    const name = String(await stage.users.get(1));
    const removed = await deleteOrphans(stage.avatar.storage, {
      folder: "avatars",
      referenced: () => stage.users.avatars(),
      now: () => new Date(Date.now() + 2 * 86_400_000),
    });
    assertEquals([stage.names(), removed.length], [[name], 1]);
    assertEquals(name, "avatars/new.png");
  },
  losingCommit,
);

/** The bucket has the file that user 1 refers to, and no other. */
async function assertOnlyReferenced({ names, users }: Stage, error?: unknown): Promise<string> {
  const name = String(await users.get(1));
  assertEquals(names(), [name], `after ${error}`);
  return name;
}

test("a new file is not deleted if a row refers to it with another spelling", async (stage) => {
  for (const spelling of ["avatars//me.png", "avatars\\me.png"]) {
    await stage.users.remove(1);
    await stage.users.insert(1, stage.avatar.file(spelling)); // the file is gone, and its name is free
    await stage.replace(1, "me.png");
    assertEquals(await assertOnlyReferenced(stage), "avatars/me.png");
    await stage.avatar.storage.delete("avatars/me.png");
  }
});

test("a new file is not deleted if a row refers to it through another storage of the same bucket", async (stage) => {
  await stage.users.insert(1, null);
  const other = fileField(s3On(stage.server), { uploadTo: "avatars" });
  await stage.withFiles(async (files) => {
    const file = await files.save(stage.avatar, "me.png", "new");
    await files.transaction(async (users) => {
      files.deleteAfterCommit(other.file("avatars/me.png"));
      await users.update(1, other.file(file.name)); // written with a file of the other storage
    });
  });
  assertEquals(await assertOnlyReferenced(stage), "avatars/me.png");
});

test("files of a transaction with a swallowed error are kept only if it was committed", async (stage) => {
  await stage.users.insert(1, null);
  await stage.replace(1, "old.png");
  const swallow = (users: Users): Promise<void> => users.insert(1, null).catch(() => {}); // user 1 exists
  const error = await stage.replace(1, "new.png", swallow).then(() => undefined, (error) => error);
  // PostgreSQL has aborted the transaction; SQLite only the statement.
  assertEquals(await assertOnlyReferenced(stage, error), error ? "avatars/old.png" : "avatars/new.png");
});

test("a deferred constraint that fails at COMMIT deletes the new file", async (stage) => {
  await stage.users.insert(1, null);
  await stage.replace(1, "old.png");
  const violate = (users: Users): Promise<void> => users.run("insert into members (user_id) values (99)");
  const error = await assertRejects(() => stage.replace(1, "new.png", violate));
  assertEquals(await assertOnlyReferenced(stage, error), "avatars/old.png");
});

test("a file as a bare parameter of raw SQL is its name or NULL, or an error", async ({ users, avatar }) => {
  for (const file of [avatar.file("avatars/me.png"), avatar.file()]) {
    await users.remove(1);
    await users.insert(1, avatar.file("avatars/old.png"));
    const error = await users.run("update users set avatar = $1 where id = 1", file)
      .then(() => undefined, (error) => error);
    const expected = error === undefined ? file.toJSON() : "avatars/old.png";
    assertEquals((await users.get(1))?.name ?? null, expected, `${error}`);
  }
});

for (const [orm, open] of Object.entries(ORMS)) {
  const [name, { ignore, create }] = Object.entries(DATABASES)[1]!;
  Deno.test({
    name: `${orm} on ${name}: serialization failures delete the new files, and keep the others`,
    ignore,
    fn: async () => {
      const place = await create();
      const server = createS3Server({ buckets: ["media"] });
      const avatar = fileField(s3On(server), { uploadTo: "avatars" });
      const stages = [1, 2].map(() => stageOf(open(place, avatar), server, avatar)) as [Stage, Stage];
      let failures = 0;
      try {
        for (const id of [1, 2]) await stages[0].users.insert(id, null);
        for (let round = 0; round < 20; round++) {
          const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
          // Each reads rows that the other writes, so only one of them may commit.
          const write = ({ withFiles }: Stage, id: number): Promise<void> =>
            withFiles(async (files) => {
              const file = await files.save(avatar, "me.png", `of ${id}`);
              await files.transaction(async (users) => {
                await users.run("set transaction isolation level serializable");
                await users.avatars();
                const old = await users.get(id);
                both[id - 1]!.resolve();
                await Promise.all(both.map(({ promise }) => promise));
                await users.run(`update users set avatar = '${file}' where id = ${id}`);
                files.deleteAfterCommit(old);
              });
            });
          const ends = await Promise.allSettled([write(stages[0], 1), write(stages[1], 2)]);
          failures += ends.filter(({ status }) => status === "rejected").length;
          const rows = (await stages[0].users.avatars()).flatMap((file) => file?.name ?? []);
          assertEquals(server.objects("media").map(({ key }) => key), rows.sort(), ends.join());
        }
      } finally {
        for (const { close } of stages) await close();
      }
      assert(failures >= 20, `${failures} of 20 rounds`);
    },
  });
}

for (const [orm, open] of Object.entries(ORMS)) {
  const [name, { ignore, create }] = Object.entries(DATABASES)[1]!;
  Deno.test({
    name: `${orm} on ${name}: concurrent replacements of a file with a locked row keep the last file`,
    ignore,
    fn: async () => {
      const place = await create();
      const server = createS3Server({ buckets: ["media"] });
      const avatar = fileField(s3On(server), { uploadTo: "avatars" });
      const stages = Array.from({ length: 4 }, () => stageOf(open(place, avatar), server, avatar));
      try {
        await stages[0]!.users.insert(1, null);
        const replaceTen = async ({ replace }: Stage): Promise<void> => {
          for (let count = 0; count < 10; count++) await replace(1, "me.png");
        };
        await Promise.all(stages.map(replaceTen));
        assertEquals(stages[0]!.names(), [String(await stages[0]!.users.get(1))]);
      } finally {
        for (const { close } of stages) await close();
      }
    },
  });
}

Deno.test({
  name: `PostgreSQL is stopped${"skipped" in postgres ? " (it is not installed)" : ""}`,
  ignore: "skipped" in postgres,
  fn: () => (postgres as Exclude<typeof postgres, { skipped: string }>).stop(),
});
