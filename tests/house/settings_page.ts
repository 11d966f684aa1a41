// deno-lint-ignore-file no-console -- as a command it prints what it wrote
/**
 * Writes docs/settings.md from the option table and the documentation of the options.
 *
 * `deno task docs:settings` writes the page; a house test compares it.
 */
import { ROOT } from "../offline/import_map.ts";
import {
  CLIENT_CONFIG,
  type MemberRow,
  type OptionRow,
  OPTIONS,
  type S3StorageOptions,
  TRANSFER_CONFIG,
} from "../../src/settings/options.ts";
import { readSource } from "./source_files.ts";

export const SETTINGS_PAGE = "docs/settings.md";

const HEAD = `# Settings

Every option of \`S3Storage\`, with its names as a setting of django-storages and as an environment variable. Of several
names the first that is set is used. This page is generated from the option table by \`deno task docs:settings\`.

An option is taken from the first of these that has it:

1. the constructor: \`new S3Storage({ location: "media" })\`
2. the class: \`static override settings: S3StorageOptions = { location: "media" }\`, then the classes it extends
3. settings by their AWS_* names: \`S3Storage.fromSettings({ AWS_LOCATION: "media" })\`
4. the environment: \`AWS_LOCATION=media\`, or another one with \`S3Storage.fromEnv(env)\`
5. the profile in the AWS files, for region, endpoint and similar options
6. its default

Booleans in variables are \`true\`, \`false\`, \`1\` or \`0\`; objects and lists are JSON. \`AWS_S3_CLIENT_CONFIG\` and
\`AWS_S3_TRANSFER_CONFIG\` may also have [the names of boto3](outages.md#settings-beside-those-of-boto3). An empty variable is treated as
unset. Key, secret and token always come from one source together. The constructor validates every option and sends no
request. \`storage.settings\` has the options in use; as text, secrets are \`******\`.

\`\`\`ts
import { S3Storage, type S3StorageOptions } from "@storages/s3";
import { assertEquals } from "@std/assert";

class MediaStorage extends S3Storage {
  // The type completes the names and values, and refuses wrong ones.
  static override settings: S3StorageOptions = {
    bucketName: "my-media-bucket",
    location: "media",
    customDomain: "cdn.example.com",
  };
}
const storage = new MediaStorage({ querystringAuth: false }); // the constructor comes before the class
assertEquals(await storage.url("a.jpg"), "https://cdn.example.com/media/a.jpg");

const named = S3Storage.fromSettings({ AWS_STORAGE_BUCKET_NAME: "media", AWS_QUERYSTRING_EXPIRE: "600" });
assertEquals(named.settings.querystringExpire, 600);

const one = S3Storage.fromUrl("s3://media/uploads?region=eu-west-1&querystringAuth=false"); // all in one variable
assertEquals(await one.url("a.txt"), "https://media.s3.eu-west-1.amazonaws.com/uploads/a.txt");
\`\`\`
`;

/** The documentation of an option: the text and the default, if it states one. */
export interface OptionDocs {
  readonly text: string;
  readonly names: readonly string[];
  readonly default: string | undefined;
}

/** Reads the documentation of a member of an interface. */
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

/** Describes the values that an option takes. */
function valuesOf({ kind = "string", choices, range }: OptionRow): string {
  if (choices) return choices.map((choice) => `\`"${choice}"\``).join(", ");
  if (range) return `integer of ${range[2]}, ${range[0]} to ${range[1]}`;
  const words = {
    string: "text",
    boolean: "`true`, `false`",
    integer: "integer",
    object: "object",
    list: "list of text",
    credentials: "function, or object `{ accessKeyId, secretAccessKey, sessionToken? }`",
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
    ...(name === "transferConfig" ? [members(source, "TransferConfig", TRANSFER_CONFIG)] : []),
    ...(name === "clientConfig" ? [members(source, "ClientConfig", CLIENT_CONFIG)] : []),
  ].join("\n");
}

/** The members of an option that is an object, a section each. */
function members(source: string, interfaceName: string, rows: Readonly<Record<string, MemberRow>>): string {
  const lines = Object.entries(rows).map(([name, row]) => {
    const docs = docsOf(source, interfaceName, name);
    const values = "pattern" in row ? row.values : `${row.unit}, ${row.least} to ${row.most}`;
    const byDefault = typeof row.default === "string" ? `\`"${row.default}"\`` : docs.default ?? row.default;
    return [
      `\n### \`${name}\`\n`,
      `${docs.text}\n`,
      ...(docs.names.length === 0 ? [] : [`- Name: ${docs.names.map((other) => `\`${other}\``).join(", ")}`]),
      `- Values: ${values}`,
      `- Default: ${byDefault}`,
    ].join("\n");
  });
  return lines.join("\n");
}

/** Returns the page that the option table gives. */
export async function settingsPage(): Promise<string> {
  const source = await readSource("src/settings/options.ts");
  const names = Object.keys(OPTIONS) as (keyof S3StorageOptions)[];
  return await formatted([HEAD, ...names.map((name) => section(source, name))].join("\n") + "\n");
}

/** Formats the page as `deno fmt` does, which also checks it. */
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
  if (code !== 0) throw new Error("Cannot format the settings page with deno fmt");
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  await Deno.writeTextFile(new URL(SETTINGS_PAGE, ROOT), await settingsPage());
  console.log(`Wrote ${SETTINGS_PAGE}`);
}
