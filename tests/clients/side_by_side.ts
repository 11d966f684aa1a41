/** The pages that show the same tasks in the code of another client and of this package. */
import { readSource } from "../house/source_files.ts";
import { stripSource } from "../house/code_only.ts";

/** One task of a page. */
export interface Task {
  readonly title: string;
  /** The code of the other client; `undefined` where it cannot do this. */
  readonly other: string | undefined;
  readonly ours: string;
  /** The whole section. */
  readonly text: string;
}

/** A page with its tasks. */
export interface SideBySide {
  /** The code that both columns of the page begin with. */
  readonly setup: { readonly other: string; readonly ours: string };
  readonly tasks: readonly Task[];
}

/** The code blocks of a text, by the label in the line before. */
function blocksOf(text: string): Map<string, string> {
  return new Map(
    Array.from(text.matchAll(/^(\S[^\n]*):\n\n```ts ignore\n([^]*?)^```$/gm), ([, label, code]) => [label!, code!]),
  );
}

/**
 * Reads a page.
 *
 * @param other The label of the other client's code.
 */
export async function readPage(path: string, other: string): Promise<SideBySide> {
  const text = await readSource(path);
  const setup = blocksOf(/^## Setup\n[^]*?(?=^## )/m.exec(text)![0]);
  const sections = text.split(/^(?=###? )/m).filter((section) => section.startsWith("### "));
  return {
    setup: { other: setup.get(other)!, ours: setup.get("Here")! },
    tasks: sections.map((section) => {
      const blocks = blocksOf(section);
      const title = /^### (.*)$/m.exec(section)![1]!;
      return { title, other: blocks.get(other), ours: blocks.get("Here")!, text: section };
    }),
  };
}

/** The size of a program: its lines of code, and its characters without spaces and comments. */
export interface CodeSize {
  readonly lines: number;
  readonly characters: number;
}

/** Measures formatted code. The variables `storage` and `client` count the same. */
export function codeSize(source: string): CodeSize {
  const { code, strings } = stripSource(source.replaceAll(/^import .*$/gm, ""));
  const lines = code.split("\n").filter((line) => line.trim() !== "");
  const text = lines.join("\n").replaceAll(/\b(storage|client)\b/g, "it").replaceAll(/\s/g, "");
  const tokens = text.replaceAll(/,(?=[)\]}])/g, ""); // trailing commas are formatting
  return { lines: lines.length, characters: tokens.length + strings.join("").length };
}

/** What a program needs besides the page. */
export interface ProgramOptions {
  /** Where the programs report that they begin and end. */
  readonly stage: string;
  /** The packages of the imports that are not mapped by deno.json. */
  readonly packages?: Readonly<Record<string, string>> | undefined;
}

/** A module that runs the programs of one column, one after the other. */
export function programs(setup: string, blocks: ReadonlyMap<string, string>, options: ProgramOptions): string {
  const imports = setup.match(/^import .*$/gm)!.map((line) => {
    const [, name] = /from "(.*)"/.exec(line)!;
    return line.replace(`"${name}"`, JSON.stringify(options.packages?.[name!] ?? name));
  });
  const rest = setup.replaceAll(/^import .*$/gm, "");
  const functions = Array.from(
    blocks,
    ([title, code]) => `  [${JSON.stringify(title)}, async (console: Output): Promise<void> => {\n${code}\n  }],`,
  );
  return `${imports.join("\n")}
${rest}
interface Output {
  log(...values: unknown[]): void;
}

/** Uploads parts by their URLs, as a browser does; the last one is short. */
async function putParts(urls: readonly string[], partSize: number): Promise<string[]> {
  const etags: string[] = [];
  for (const [index, url] of urls.entries()) {
    const body = new Uint8Array(index < urls.length - 1 ? partSize : 3).fill(index + 1);
    const response = await fetch(url, { method: "PUT", body });
    if (!response.ok) throw new Error(await response.text());
    etags.push(response.headers.get("etag")!);
  }
  return etags;
}

async function report(step: string, task: string, body?: unknown): Promise<void> {
  const url = ${JSON.stringify(options.stage)} + step + "?task=" + encodeURIComponent(task);
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body ?? null) });
  if (!response.ok) throw new Error(await response.text());
  await response.body?.cancel();
}

const all: [string, (console: Output) => Promise<void>][] = [
${functions.join("\n")}
];
void [putParts];
for (const [task, run] of all) {
  await report("start", task);
  const printed: unknown[] = [];
  let failure: string | undefined;
  try {
    await run({ log: (...values) => printed.push(...values.map((each) => each instanceof Uint8Array ? Array.from(each) : each)) });
  } catch (error) {
    failure = error instanceof Error ? error.stack ?? String(error) : String(error);
  }
  await report("end", task, { printed, failure });
}
`;
}
