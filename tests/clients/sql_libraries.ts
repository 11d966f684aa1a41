// deno-lint-ignore-file no-import-prefix -- only tests need them
/** Libraries that talk to PostgreSQL, without an adapter of ours: what the function form of `withFiles` works with. */
import { Buffer } from "node:buffer";
import type pgTypes from "npm:@types/pg@^8.23.1";
import type { Transaction } from "../../src/field/mod.ts";

/** Where the database is. */
export interface PostgresPlace {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/** A library, connected. */
export interface SqlLibrary {
  readonly transaction: Transaction<unknown>;
  /** Runs a statement in a transaction, its parameters written `$1`, as the library's own documentation does it. */
  query(tx: unknown, sql: string, parameters?: readonly unknown[]): PromiseLike<unknown>;
  close(): Promise<unknown>;
}

// deno-lint-ignore no-explicit-any -- what each library has for a transaction is its own
type Any = any;

/** Connects a library; its pool has one connection. */
export type OpenLibrary = (place: PostgresPlace) => SqlLibrary | Promise<SqlLibrary>;

/** How each is loaded; rejects where that cannot be done. */
const LOADERS: Readonly<Record<string, () => Promise<OpenLibrary>>> = {
  "pg": async () => {
    const { default: pg } = await import("npm:pg@^8.23.1") as unknown as { default: typeof pgTypes };
    return (place) => {
      const pool = new pg.Pool({ ...place, max: 1 });
      pool.on("error", () => {}); // a connection that is cut while nobody uses it
      return overPool(pool);
    };
  },
  "postgres.js": async () => {
    const { default: postgres } = await import("npm:postgres@^3.4.9");
    return (place) => {
      const sql: Any = postgres({ ...place, max: 1, onnotice: () => {}, backoff: 0 } as object);
      return {
        transaction: (body) => sql.begin(body),
        query: (tx: Any, sql, parameters) => tx.unsafe(sql, parameters),
        close: () => sql.end({ timeout: 0 }), // without it, end() hangs after a connection was cut
      };
    };
  },
  "Prisma": async () => {
    const [{ PrismaPg }, prismaClient] = await Promise.all([
      import("npm:@prisma/adapter-pg@7.10.0"),
      import("npm:@prisma/client@7.10.0/runtime/client"),
    ]);
    const PrismaClient = (prismaClient as Any).getPrismaClient(PRISMA_CONFIG);
    return (place) => {
      const prisma: Any = new PrismaClient({ adapter: new PrismaPg({ ...place, max: 1 }) });
      return {
        transaction: (body) => prisma.$transaction(body),
        query: (tx: Any, sql, parameters = []) => tx.$executeRawUnsafe(sql, ...parameters),
        close: () => prisma.$disconnect(),
      };
    };
  },
  "TypeORM": async () => {
    const [{ DataSource }, { default: driver }] = await Promise.all([
      import("npm:typeorm@^1.1.1"),
      import("npm:pg@^8.23.1"),
    ]);
    return async ({ host, port, user: username, database }) => {
      const source = new DataSource({
        type: "postgres",
        host,
        port,
        username,
        database,
        driver,
        poolSize: 1,
        poolErrorHandler: () => {},
      });
      await source.initialize();
      return {
        transaction: (body) => source.transaction(body),
        query: (tx: Any, sql, parameters) => tx.query(sql, parameters),
        close: () => source.destroy(),
      };
    };
  },
  "Sequelize": async () => {
    const [{ Sequelize }, { default: dialectModule }] = await Promise.all([
      import("npm:sequelize@^6.37.8"),
      import("npm:pg@^8.23.1"),
    ]);
    return ({ host, port, user, database }) => {
      const options = { dialect: "postgres" as const, dialectModule, host, port, pool: { max: 1 }, logging: false };
      const sequelize = new Sequelize(database, user, "", options);
      return {
        transaction: (body) => sequelize.transaction(body),
        query: (transaction: Any, sql, bind) => sequelize.query(sql, { transaction, ...(bind && { bind: [...bind] }) }),
        close: () => sequelize.close(),
      };
    };
  },
};

/** node-postgres by itself has no function for a transaction. */
function overPool(pool: pgTypes.Pool): SqlLibrary {
  return {
    transaction: async (body) => {
      const client = await pool.connect();
      let lost: Error | undefined;
      const onError = (error: Error): void => void (lost = error);
      client.on("error", onError);
      try {
        await client.query("begin");
        const result = await body(client);
        await client.query("commit");
        return result;
      } catch (error) {
        await client.query("rollback").catch((failed: Error) => lost ??= failed);
        throw error;
      } finally {
        client.off("error", onError);
        client.release(lost);
      }
    },
    query: (tx: Any, sql, parameters) => tx.query(sql, parameters),
    close: () => pool.end(),
  };
}

/** What `prisma generate` writes for one model, `users`; to generate it takes binaries that npm does not have. */
const PRISMA_CONFIG = {
  previewFeatures: [],
  clientVersion: "7.10.0",
  engineVersion: "d1b3f377ca835d73fd50954a5e22128b9ebdd6b8",
  activeProvider: "postgresql",
  inlineSchema:
    'datasource db {\n  provider = "postgresql"\n}\n\nmodel User {\n  id Int @id\n  avatar String? @unique\n\n' +
    '  @@map("users")\n}\n',
  runtimeDataModel: {
    models: {
      User: {
        fields: [{ name: "id", kind: "scalar", type: "Int" }, { name: "avatar", kind: "scalar", type: "String" }],
        dbName: "users",
        schema: null,
      },
    },
    enums: {},
    types: {},
  },
  parameterizationSchema: { strings: [], graph: "AAAAAA==" },
  compilerWasm: {
    getRuntime: () => import("npm:@prisma/client@7.10.0/runtime/query_compiler_small_bg.postgresql.mjs" as string),
    getQueryCompilerWasmModule: async () => {
      const name = "npm:@prisma/client@7.10.0/runtime/query_compiler_small_bg.postgresql.wasm-base64.mjs";
      return new WebAssembly.Module(Buffer.from((await import(name)).wasm, "base64"));
    },
    importName: "./query_compiler_small_bg.js",
  },
};

/** The libraries, and how each is connected; `undefined` for what cannot be loaded here. */
export async function loadLibraries(): Promise<[name: string, open: OpenLibrary | undefined][]> {
  const loading = Object.entries(LOADERS).map(async ([name, load]): Promise<[string, OpenLibrary | undefined]> => {
    return [name, await load().catch(() => undefined)];
  });
  return await Promise.all(loading);
}
