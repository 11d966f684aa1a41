/** The pages of the documentation: linked, and true where a program can tell. */
import { assert, assertEquals } from "@std/assert";
import * as s3 from "../../mod.ts";
import * as presets from "../../src/settings/presets/mod.ts";
import { policyDocument } from "../../src/cli/policy_document.ts";
import { filesIn, readSource } from "./source_files.ts";

const README = "README.md";

/** The relative links of a page, as paths from the root, with their fragments. */
async function linksOf(page: string): Promise<string[]> {
  const text = (await readSource(page)).replaceAll(/^```[^]*?^```$/gm, "");
  const targets = Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target!);
  const base = `file:///${page}`;
  return targets.filter((target) => !/^[a-z]+:/.test(target)).map((target) => {
    const { pathname, hash } = new URL(target, base);
    return decodeURIComponent(pathname.slice(1) + hash);
  });
}

/** The fragments of a page's headings, as GitHub makes them. */
async function anchorsOf(page: string): Promise<string[]> {
  const headings = (await readSource(page)).matchAll(/^#+ (.+)$/gm);
  return Array.from(
    headings,
    ([, heading]) => heading!.toLowerCase().replaceAll(/[^\p{L}\p{N}_ -]/gu, "").replaceAll(" ", "-"),
  );
}

/** The cells of each row of the tables of a page. */
async function rowsOf(page: string): Promise<string[][]> {
  const rows = (await readSource(page)).split("\n").filter((line) => line.startsWith("| "));
  return rows.map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim().replaceAll("`", "")));
}

Deno.test("the README links every page of the documentation", async () => {
  const linked = await linksOf(README);
  const pages = await filesIn("docs");
  assert(pages.length > 10, `${pages.length} pages`);
  assertEquals(pages.filter((page) => !linked.includes(page)), []);
});

Deno.test("every relative link of a page leads to a file and a heading", async () => {
  const files = await filesIn("");
  const pages = files.filter((path) => path.endsWith(".md"));
  const dead: string[] = [];
  for (const page of pages) {
    for (const link of await linksOf(page)) {
      const [path = "", fragment] = link.split("#");
      const leads = files.includes(path) && (fragment === undefined || (await anchorsOf(path)).includes(fragment));
      if (!leads) dead.push(`${page}: ${link}`);
    }
  }
  assertEquals(dead, []);
});

Deno.test("the README has at most 180 lines", async () => {
  const lines = (await readSource(README)).trimEnd().split("\n").length;
  assert(lines <= 180, `${lines} lines`);
});

Deno.test("the page on errors lists every class with its code", async () => {
  const listed = (await rowsOf("docs/errors.md")).map(([name, code]) => [name, code]);
  const classes = Object.keys(s3).filter((name) => /^[A-Z]\w+Error$/.test(name) && name !== "StorageError");
  assert(classes.length > 10, `${classes.length} classes`);
  for (const name of classes) assert(listed.some(([one, code]) => one === name && `${code}Error` === name), name);
});

Deno.test("the page on permissions prints the policy that `policy` prints", async () => {
  const [, printed] = /^```json\n([^`]*)^```$/m.exec(await readSource("docs/permissions.md"))!;
  const { settings } = new s3.S3Storage({ bucketName: "media", accessKey: "id", secretKey: "secret" });
  const features = ["list", "read", "write", "delete"] as const;
  assertEquals(JSON.parse(printed!), policyDocument({ settings, location: "uploads/", features }));
});

Deno.test("the page on providers lists every preset, with its settings", async () => {
  const made: Record<string, presets.Preset> = {
    r2: presets.r2({ accountId: "0".repeat(32) }),
    gcs: presets.gcs(),
    b2: presets.b2({ region: "region" }),
    wasabi: presets.wasabi({ region: "region" }),
    digitalOcean: presets.digitalOcean({ region: "region" }),
    tigris: presets.tigris(),
    minio: presets.minio({ endpointUrl: "http://localhost:9000" }),
    ceph: presets.ceph({ endpointUrl: "http://localhost:9000" }),
  };
  assertEquals(Object.keys(made).sort(), Object.keys(presets).sort());
  const rows = await rowsOf("docs/providers.md");
  for (const [name, { endpointUrl, regionName, addressingStyle }] of Object.entries(made)) {
    assert(rows.some(([, call]) => call?.startsWith(`${name}(`)), name);
    const url = endpointUrl.includes("localhost")
      ? "the server's URL"
      : endpointUrl.replace("0".repeat(32), "ACCOUNT").replace("region", "REGION");
    const region = regionName === "region" ? "the region" : regionName;
    assert(rows.some((row) => row.slice(1).join() === [url, region, addressingStyle].join()), `${name}: ${url}`);
  }
});
