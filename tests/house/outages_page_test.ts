/** The page about outages must agree with the tables of options and with the names of boto3 that are converted. */
import { assert, assertEquals } from "@std/assert";
import { memberFor } from "../../src/settings/boto3_members.ts";
import { CLIENT_CONFIG, type MemberRow, TRANSFER_CONFIG } from "../../src/settings/options.ts";
import { resolveSettings } from "../../src/settings/resolve.ts";
import { readSource } from "./source_files.ts";

/** The rows of the table whose header begins with a cell. */
async function rowsOf(first: string): Promise<string[][]> {
  const lines = (await readSource("docs/outages.md")).split("\n");
  const start = lines.findIndex((line) => new RegExp(`^\\| ${first} +\\|`).test(line)) + 2;
  const end = lines.findIndex((line, index) => index > start && !line.startsWith("|"));
  return lines.slice(start, end).map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.replaceAll("`", "").trim())
  );
}

Deno.test("the page lists every member of clientConfig and transferConfig with its default", async () => {
  const listed = new Map((await rowsOf("boto3")).map(([, , member, byDefault]) => [member!, byDefault!]));
  for (const [name, row] of Object.entries<MemberRow>({ ...CLIENT_CONFIG, ...TRANSFER_CONFIG })) {
    const byDefault = listed.get(name);
    assert(byDefault !== undefined, `${name} has no row`);
    // A default that follows from another member is described.
    const expected = row.default === "" || row.default === undefined ? "none" : String(row.default);
    const isDescribed = byDefault.endsWith(`else ${expected}`) || (name === "idleTimeout" && byDefault === "timeout");
    assert(byDefault === expected || isDescribed, `${name}: ${byDefault}, not ${expected}`);
  }
});

Deno.test("every name of boto3 that the page lists is converted to the member beside it", async () => {
  for (const [boto3 = "", , member = ""] of await rowsOf("boto3")) {
    const setting = member in CLIENT_CONFIG ? "AWS_S3_CLIENT_CONFIG" : "AWS_S3_TRANSFER_CONFIG";
    if (boto3 === "" || boto3.startsWith("retries")) continue; // tested with boto3_members.ts
    const direct = memberFor(setting, boto3);
    const followers: Record<string, string> = { timeout: "idleTimeout", maxConcurrency: "downloadConcurrency" };
    assert(direct === member || followers[direct ?? ""] === member, `${boto3}: ${direct}, not ${member}`);
  }
});

Deno.test("the times on the page follow from the defaults", async () => {
  const { clientConfig } = resolveSettings([{ bucketName: "b" }], { environment: () => undefined });
  const { credentialsTimeout, timeout, retryTimeout, idleTimeout, callTimeout } = clientConfig;
  assertEquals((await rowsOf("wait")).map(([, most, settings]) => [most, settings]), [
    [`${credentialsTimeout} s`, "credentialsTimeout"],
    [`${timeout} s`, "timeout"],
    [`${10 * timeout} s`, "10 × timeout"],
    [`${timeout + retryTimeout + timeout} s`, "timeout + retryTimeout + timeout"],
    [`${Math.min(callTimeout, 21 * timeout)} s`, "callTimeout, which limits every request"],
    [`${2 * idleTimeout + retryTimeout + timeout} s`, "idleTimeout + retryTimeout + timeout + idleTimeout"],
  ]);
});
