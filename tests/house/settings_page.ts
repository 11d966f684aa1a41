// deno-lint-ignore-file no-console -- the command prints what it wrote
/**
 * Writes docs/settings.md from the option table and the doc comments of options.
 *
 * `deno task docs:settings` writes it; a house test compares it.
 */
import { ROOT } from "../offline/import_map.ts";
import {
  CLIENT_CONFIG,
  type NumberRow,
  type OptionRow,
  OPTIONS,
  type S3StorageOptions,
  TRANSFER_CONFIG,
} from "../../src/settings/options.ts";
import { readSource } from "./source_files.ts";

export const SETTINGS_PAGE = "docs/settings.md";

const HEAD = `# Settings

Every option of \`S3Storage\`, with its names as a setting of django-storages and as an environment variable. The first name
that is set takes precedence. This page is generated from the option table by \`deno task docs:settings\`.

The value of an option comes from the first of these sources that has it:

1. the constructor: \`new S3Storage({ location: "media" })\`
2. the class: \`static override settings = { location: "media" }\`, then its base classes
3. settings by their AWS_* names: \`S3Storage.fromSettings({ AWS_LOCATION: "media" })\`
4. the environment: \`AWS_LOCATION=media\`
5. the profile in the AWS files, for region, endpoint and the like
6. its default

In variables, booleans are \`true\`, \`false\`, \`1\` or \`0\`, and objects and lists are JSON. An empty variable is treated as unset.
Key, secret and token always come from the same source. The constructor validates every setting and sends no request.
\`storage.settings\` has the resolved settings, in which secrets show as \`******\`.
`;

/** The parsed doc comment of an option: the text, the variables and the default, if it has one. */
export interface OptionDocs {
  readonly text: string;
  readonly names: readonly string[];
  readonly default: string | undefined;
}

/** Parses the doc comment of a member of an interface. */
export function docsOf(source: string, interfaceName: string, member: string): OptionDocs {
  const body = source.slice(source.indexOf(`export interface ${interfaceName} `));
  const docs = /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*$/.exec(body.slice(0, body.indexOf(`  readonly ${member}?:`)))?.[1];
  if (docs === undefined) throw new Error(`${interfaceName}.${member} has no docs`);
  const lines = docs.split("\n").map((line) => line.replace(/^\s*\*\s?/, "").trim()).filter(Boolean);
  const [text = "", byDefault] = lines.join(" ").split(/\s*@default\s*/);
  const [description = "", environment = ""] = text.split(/\s*Environment:\s*/);
  return {
    text: description.trim(),
    names: Array.from(environment.matchAll(/`([A-Z0-9_]+)`/g), ([, name]) => name!),
    default: byDefault?.replace(/^\{|\}$/g, ""),
  };
}

/** Describes the values of an option. */
function valuesOf({ kind = "string", choices, range }: OptionRow): string {
  if (choices) return choices.map((choice) => `\`"${choice}"\``).join(", ");
  if (range) return `integer of ${range[2]}, ${range[0]} to ${range[1]}`;
  const words = {
    string: "text",
    boolean: "`true`, `false`",
    integer: "integer",
    object: "object",
    list: "list of text",
    function: "function",
    verify: "`true`, `false`, or PEM certificates as a path or as text",
    key: "PEM text, DER bytes, JWK or CryptoKey",
    signer: "a signer, a function, or `null`",
  };
  return words[kind];
}

function section(source: string, name: keyof S3StorageOptions): string {
  const row = OPTIONS[name];
  const docs = docsOf(source, "S3StorageOptions", name);
  const byDefault = docs.default ?? (row.default === undefined ? "none" : JSON.stringify(row.default));
  return [
    `## \`${name}\`\n`,
    `${docs.text}\n`,
    ...(row.names.length === 0 ? [] : [`- Names: ${row.names.map((other) => `\`${other}\``).join(", ")}`]),
    `- Values: ${valuesOf(row)}`,
    ...(typeof row.default === "function"
      ? []
      : [`- Default: ${/\s|^none$/.test(byDefault) ? byDefault : `\`${byDefault}\``}`]),
    ...(name === "transferConfig" ? ["", numbers(source, "TransferConfig", TRANSFER_CONFIG)] : []),
    ...(name === "clientConfig" ? ["", numbers(source, "ClientConfig", CLIENT_CONFIG)] : []),
  ].join("\n");
}

function numbers(source: string, interfaceName: string, rows: Readonly<Record<string, NumberRow>>): string {
  const lines = Object.entries(rows).map(([name, { default: byDefault, least, most, unit }]) =>
    `| \`${name}\` | ${docsOf(source, interfaceName, name).text} | ${unit}, ${least} to ${most} | ${byDefault} |`
  );
  return ["| member | meaning | values | default |", "| --- | --- | --- | --- |", ...lines].join("\n");
}

/** Returns the generated page. */
export async function settingsPage(): Promise<string> {
  const source = await readSource("src/settings/options.ts");
  const names = Object.keys(OPTIONS) as (keyof S3StorageOptions)[];
  return await formatted([HEAD, ...names.map((name) => section(source, name))].join("\n") + "\n");
}

/** Formats the page with `deno fmt`, which also checks it. */
async function formatted(markdown: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--line-width=120", "--ext=md", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(markdown));
  await writer.close();
  const { code, stdout } = await child.output();
  if (code !== 0) throw new Error("deno fmt could not format the settings page");
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  await Deno.writeTextFile(new URL(SETTINGS_PAGE, ROOT), await settingsPage());
  console.log(`Wrote ${SETTINGS_PAGE}`);
}
