// deno-lint-ignore-file no-import-prefix -- only tests need it
/**
 * What `prisma generate` prints for one model, `users`, without the types that the recipe does not use. To generate it again:
 * `prisma generate` of Prisma 7.10.0 with the schema below.
 */
import { Buffer } from "node:buffer";
import { PrismaPg } from "npm:@prisma/adapter-pg@7.10.0";
import * as runtime from "npm:@prisma/client@7.10.0/runtime/client";

/** A row. */
export interface User {
  readonly id: number;
  readonly avatar: string | null;
}

/** The client of one table. */
interface UserDelegate {
  findUniqueOrThrow(args: { where: { id: number } }): Promise<User>;
  create(args: { data: User }): Promise<User>;
  update(args: { where: { id: number }; data: { avatar?: string | null } }): Promise<User>;
}

/** The generated client, with the signatures of `internal/class.ts`. */
export interface PrismaClient {
  readonly user: UserDelegate;
  $executeRaw(query: TemplateStringsArray, ...values: unknown[]): Prisma.PrismaPromise<number>;
  $executeRawUnsafe(query: string, ...values: unknown[]): Prisma.PrismaPromise<number>;
  $disconnect(): runtime.Types.Utils.JsPromise<void>;
  $transaction<P extends Prisma.PrismaPromise<unknown>[]>(
    arg: [...P],
    options?: { maxWait?: number; timeout?: number; isolationLevel?: Prisma.TransactionIsolationLevel },
  ): runtime.Types.Utils.JsPromise<runtime.Types.Utils.UnwrapTuple<P>>;
  $transaction<R>(
    fn: (prisma: Omit<PrismaClient, runtime.ITXClientDenyList>) => runtime.Types.Utils.JsPromise<R>,
    options?: { maxWait?: number; timeout?: number; isolationLevel?: Prisma.TransactionIsolationLevel },
  ): runtime.Types.Utils.JsPromise<R>;
}

export declare namespace Prisma {
  export type PrismaPromise<T> = runtime.Types.Public.PrismaPromise<T>;
  export type TransactionClient = Omit<PrismaClient, runtime.ITXClientDenyList>;
  export type TransactionIsolationLevel = "ReadUncommitted" | "ReadCommitted" | "RepeatableRead" | "Serializable";
}

const SCHEMA = `datasource db {
  provider = "postgresql"
}

model User {
  id     Int     @id
  avatar String? @unique

  @@map("users")
}
`;

const GRAPH =
  "LQsQBRwAACMAMB0AAAQAEB4AACMAMB8CAAAAASABAAAAAQEAAAABACABAAAAAQAgBRwAACMAMB0AAAQAEB4AACMAMB8CACQAISABACUAIQEg" +
  "AAAmACADAAAABAAgAwAABQAwBAAAAQAgAwAAAAQAIAMAAAUAMAQAAAEAIAMAAAAEACADAAAFADAEAAABACACHwIAAAABIAEAAAABAQgAAAkA" +
  "IAIfAgAAAAEgAQAAAAEBCAAACwAwAQgAAAsAMAIfAgAsACEgAQAtACECAAAAAQAgCAAADgAgAh8CACwAISABAC0AIQIAAAAEACAIAAAQACAC" +
  "AAAABAAgCAAAEAAgAwAAAAEAIA8AAAkAIBAAAA4AIAEAAAABACABAAAABAAgBhUAACcAIBYAACgAIBcAACsAIBgAACoAIBkAACkAICAAACYA" +
  "IAUcAAAaADAdAAAXABAeAAAaADAfAgAbACEgAQAcACEDAAAABAAgAwAAFgAwFAAAFwAgAwAAAAQAIAMAAAUAMAQAAAEAIAUcAAAaADAdAAAX" +
  "ABAeAAAaADAfAgAbACEgAQAcACENFQAAIQAgFgAAIgAgFwAAIQAgGAAAIQAgGQAAIQAgIQIAAAABIgIAAAAEIwIAAAAEJAIAAAABJQIAAAAB" +
  "JgIAAAABJwIAAAABKwIAIAAhDhUAAB4AIBgAAB8AIBkAAB8AICEBAAAAASIBAAAABSMBAAAABSQBAAAAASUBAAAAASYBAAAAAScBAAAAASgB" +
  "AAAAASkBAAAAASoBAAAAASsBAB0AIQ4VAAAeACAYAAAfACAZAAAfACAhAQAAAAEiAQAAAAUjAQAAAAUkAQAAAAElAQAAAAEmAQAAAAEnAQAA" +
  "AAEoAQAAAAEpAQAAAAEqAQAAAAErAQAdACEIIQIAAAABIgIAAAAFIwIAAAAFJAIAAAABJQIAAAABJgIAAAABJwIAAAABKwIAHgAhCyEBAAAA" +
  "ASIBAAAABSMBAAAABSQBAAAAASUBAAAAASYBAAAAAScBAAAAASgBAAAAASkBAAAAASoBAAAAASsBAB8AIQ0VAAAhACAWAAAiACAXAAAhACAY" +
  "AAAhACAZAAAhACAhAgAAAAEiAgAAAAQjAgAAAAQkAgAAAAElAgAAAAEmAgAAAAEnAgAAAAErAgAgACEIIQIAAAABIgIAAAAEIwIAAAAEJAIA" +
  "AAABJQIAAAABJgIAAAABJwIAAAABKwIAIQAhCCEIAAAAASIIAAAABCMIAAAABCQIAAAAASUIAAAAASYIAAAAAScIAAAAASsIACIAIQUcAAAj" +
  "ADAdAAAEABAeAAAjADAfAgAkACEgAQAlACEIIQIAAAABIgIAAAAEIwIAAAAEJAIAAAABJQIAAAABJgIAAAABJwIAAAABKwIAIQAhCyEBAAAA" +
  "ASIBAAAABSMBAAAABSQBAAAAASUBAAAAASYBAAAAAScBAAAAASgBAAAAASkBAAAAASoBAAAAASsBAB8AIQAAAAAAAAUsAgAAAAEtAgAAAAEu" +
  "AgAAAAEvAgAAAAEwAgAAAAEBLAEAAAABAAAAAAUVAAYWAAcXAAgYAAkZAAoAAAAAAAUVAAYWAAcXAAgYAAkZAAoBAgECAwEFBgEGBwEHCAEJ" +
  "CgEKDAILDQMMDwENEQIOEgQREwESFAETFQIaGAUbGQs";

const STRINGS = [
  "where",
  "User.findUnique",
  "User.findUniqueOrThrow",
  "orderBy",
  "cursor",
  "User.findFirst",
  "User.findFirstOrThrow",
  "User.findMany",
  "data",
  "User.createOne",
  "User.createMany",
  "User.createManyAndReturn",
  "User.updateOne",
  "User.updateMany",
  "User.updateManyAndReturn",
  "create",
  "update",
  "User.upsertOne",
  "User.deleteOne",
  "User.deleteMany",
  "having",
  "_count",
  "_avg",
  "_sum",
  "_min",
  "_max",
  "User.groupBy",
  "User.aggregate",
  "AND",
  "OR",
  "NOT",
  "id",
  "avatar",
  "equals",
  "in",
  "notIn",
  "lt",
  "lte",
  "gt",
  "gte",
  "contains",
  "startsWith",
  "endsWith",
  "not",
  "set",
  "increment",
  "decrement",
  "multiply",
  "divide",
];

const CONFIG = {
  previewFeatures: [],
  clientVersion: "7.10.0",
  engineVersion: "0edf323efd1d98336f3f0a68684b56f689b900d3",
  activeProvider: "postgresql",
  inlineSchema: SCHEMA,
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
  parameterizationSchema: { strings: STRINGS, graph: GRAPH },
  compilerWasm: {
    getRuntime: () => import("npm:@prisma/client@7.10.0/runtime/query_compiler_small_bg.postgresql.mjs" as string),
    getQueryCompilerWasmModule: async () => {
      const name = "npm:@prisma/client@7.10.0/runtime/query_compiler_small_bg.postgresql.wasm-base64.mjs";
      return new WebAssembly.Module(Buffer.from((await import(name)).wasm, "base64"));
    },
    importName: "./query_compiler_small_bg.js",
  },
};

const Client = runtime.getPrismaClient(CONFIG as never) as unknown as new (options: object) => PrismaClient;

/** Connects the client to PostgreSQL; its pool has one connection. */
export function connectPrisma(place: { host: string; port: number; user: string; database: string }): PrismaClient {
  return new Client({ adapter: new PrismaPg({ ...place, max: 1 }) });
}
