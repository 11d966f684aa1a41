import type { S3Backend } from "./s3_backend.ts";

/** What operations outside of the class S3Storage need of a storage. */
export interface FileAccess {
  readonly backend: S3Backend;
  /** The prefix of all keys. */
  readonly location: string;
  /** Whether files are replaced by default. */
  readonly fileOverwrite: boolean;
  /**
   * The key of a file.
   *
   * @throws {SuspiciousNameError} If it cannot be a file's name.
   */
  readonly keyOf: (name: string) => string;
}

/** The arguments of an operation after the storage. */
type Arguments<Operation> = Operation extends (files: FileAccess, ...rest: infer Rest) => unknown ? Rest : never;

/** What an operation returns or resolves to. */
type Result<Operation> = Operation extends (...args: never) => infer Returned ? Awaited<Returned> : never;

/** Runs an operation of a module by its name. */
export type RunOperation<Module> = <Name extends keyof Module>(
  name: Name,
  ...args: Arguments<Module[Name]>
) => Promise<Result<Module[Name]>>;

/** Runs operations whose code is loaded on demand, as most programs do not use them. */
export function onDemand<Module>(files: FileAccess, load: () => Promise<Module>): RunOperation<Module> {
  return async (name, ...args) => {
    const operation = (await load())[name] as (files: FileAccess, ...args: unknown[]) => never;
    return await operation(files, ...args);
  };
}
