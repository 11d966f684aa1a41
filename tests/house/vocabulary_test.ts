import { assertEquals } from "@std/assert";
import { readConfig, runDeno, writeScratch } from "./source_files.ts";
import { BANNED, type DocOutput, vocabularyViolations } from "./vocabulary.ts";

async function violationsOf(path: string): Promise<string[]> {
  const { code, stdout, stderr } = await runDeno(["doc", "--json", path]);
  if (code !== 0) throw new Error(`deno doc failed: ${stderr}`);
  return vocabularyViolations(JSON.parse(stdout) as DocOutput);
}

Deno.test("every entry uses one vocabulary, and one order of arguments", async () => {
  const violations = new Set<string>();
  for (const [entry, path] of Object.entries((await readConfig()).exports)) {
    for (const violation of await violationsOf(path)) violations.add(`${entry}: ${violation}`);
  }
  assertEquals([...violations], []);
});

Deno.test("vocabularyViolations() reports an optional parameter before the options", async () => {
  const source = `
/** A. */ export interface AOptions { /** B. */ readonly b?: number }
/** A. */ export function a(name: string, length?: number, options: AOptions = {}): void {}
/** B. */ export function b(name: string, length = 1, options?: AOptions): void {}
/** C. */ export function c(name: string, options: AOptions = {}): void {}
/** D. */ export class D {
  /** D. */ constructor(name = "", how?: AOptions) {}
  /** E. */ e(name?: string, options?: AOptions): void {}
  /** F. */ f(name?: string): void {}
}
/** G. */ export interface G { /** G. */ g(name?: string, options?: AOptions): void }
function unexported(name?: string, options?: AOptions): void {}
/** H. */ export function h(): void;
/** H. */ export function h(name: string, options?: AOptions): void;
export function h(name?: string, options?: AOptions): void {}
/** I. */ export class I {
  /** I. */ i(): void;
  /** I. */ i(name: string, options?: AOptions): void;
  i(name?: string, options?: AOptions): void {}
}
`;
  const advice = "is before the options. Make it one of them";
  assertEquals(await violationsOf(await writeScratch("optional.ts", source)), [
    `D.e: the optional parameter 'name' ${advice}`,
    `G.g: the optional parameter 'name' ${advice}`,
    `a: the optional parameter 'length' ${advice}`,
    `b: the optional parameter 'length' ${advice}`,
    `new D: the optional parameter 'name' ${advice}`,
  ]);
});

Deno.test("vocabularyViolations() reports a storage that is not the first parameter, or is an option", async () => {
  const source = `
/** A. */ export class Storage { /** B. */ copyTo(name: string, to: Storage): void {} }
/** A. */ export interface AOptions { /** B. */ readonly storage: Storage }
/** A. */ export function a(request: Request, storage: Storage): void {}
/** B. */ export function b(storage: Storage, request: Request): void {}
/** C. */ export class C { /** C. */ constructor(name: string, storage: Storage) {} }
`;
  assertEquals(await violationsOf(await writeScratch("storage.ts", source)), [
    "AOptions.storage: a storage is the first argument, not an option",
    "a: the storage must be the first parameter",
    "new C: the storage must be the first parameter",
  ]);
});

Deno.test("vocabularyViolations() reports banned names of options, members, parameters and exports", async () => {
  const source = `
/** A. */ export interface A {
  /** B. */ readonly overwrite?: boolean;
  /** B. */ readonly nested?: { /** C. */ readonly expire: number };
}
/** A. */ export type B = A & { /** C. */ readonly onLeftOut: () => void };
/** C. */ export function c(starts: Date): void {}
/** D. */ export class D { /** D. */ readonly partSizeBytes: number = 1; private readonly leftOut: number = 1; }
/** E. */ export function removeOrphans(): void {}
/** F. */ export function f({ expires }: { /** F. */ expires: number }): void {}
`;
  const found = await violationsOf(await writeScratch("banned.ts", source));
  assertEquals(found.map((violation) => violation.split(" is called")[0]).sort(), [
    "A.expire: 'expire'",
    "A.overwrite: 'overwrite'",
    "B.onLeftOut: 'onLeftOut'",
    "D.partSizeBytes: 'partSizeBytes'",
    "c.starts: 'starts'",
    "c: 'starts'",
    "f.expires: 'expires'",
    "removeOrphans: 'removeOrphans'",
  ]);
  assertEquals(found.every((violation) => Object.values(BANNED).some((advice) => violation.endsWith(advice))), true);
});
