/**
 * The code blocks of the documentation that `deno test --doc` does not run: another test does, or they have a reason.
 *
 * A block is named by its page and its first line. A page of {@linkcode PAGES} has many blocks, which one test runs.
 */

/** How a block is checked, or why it is not. */
export type Check =
  /** The test file that runs the block or compares it with what a program prints. */
  | { readonly test: string }
  | { readonly reason: string };

/** A block that `deno test --doc` does not run. */
export interface UnrunBlock {
  readonly page: string;
  /** The language after the backticks, with `ignore` if it has that. */
  readonly kind: string;
  readonly firstLine: string;
}

/** Pages whose blocks of a kind are all run by one test. */
export const PAGES: readonly { readonly page: string; readonly kind: string; readonly test: string }[] = [
  { page: "docs/coming_from_the_aws_sdk.md", kind: "ts ignore", test: "tests/clients/side_by_side_test.ts" },
  { page: "docs/coming_from_bun.md", kind: "ts ignore", test: "tests/clients/side_by_side_test.ts" },
  { page: "docs/bun_scripts.md", kind: "ts ignore", test: "tests/clients/printed_services_test.ts" },
  { page: "docs/services.md", kind: "ts ignore", test: "tests/clients/printed_services_test.ts" },
  { page: "docs/workers.md", kind: "ts ignore", test: "tests/clients/printed_workers_test.ts" },
];

const PYTHON = "Python of Django, which the block after it replaces; the conformance suite has its behaviour";
const PUBLISHED = "needs the published package, or the Internet";

/** The blocks, in the order of the pages. */
export const BLOCKS: readonly (UnrunBlock & { readonly check: Check })[] = [
  block("ARCHITECTURE.md", "", "mod.ts             the main entry", inTest("tests/house/printed_commands_test.ts")),
  block(
    "README.md",
    "js ignore",
    'import { S3Storage } from "@storages/s3";',
    inTest("tests/clients/first_upload_test.ts"),
  ),
  block(
    "README.md",
    "sh",
    "export AWS_S3_REGION_NAME=eu-west-1 AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…",
    inTest("tests/clients/first_upload_test.ts"),
  ),
  block(
    "README.md",
    "sh",
    "npx --yes deno@2 task demo   # uploads, reads, lists and links real files; shows a web page for uploads",
    inTest("tests/house/printed_commands_test.ts"),
  ),
  block(
    "CONTRIBUTING.md",
    "sh",
    'npx --yes deno@2 task test        # everything; ends in "N passed, N failed"',
    inTest("tests/house/printed_commands_test.ts"),
  ),
  block(
    "CONTRIBUTING.md",
    "sh",
    "apt-get install -y --no-install-recommends radosgw ceph-mon ceph-osd ceph-common chromium firefox-esr postgresql nginx-light",
    { reason: "installs programs on the machine" },
  ),
  block(
    "CONTRIBUTING.md",
    "text",
    "Cannot sign URL for 'a.txt': expiresIn must be an integer from 1 to 604800, got 0",
    inTest("tests/house/printed_commands_test.ts"),
  ),
  block("docs/browser_uploads.md", "json", "[", inTest("tests/house/printed_commands_test.ts")),
  block(
    "docs/cli.md",
    "sh",
    "deno run -A jsr:@storages/s3/cli collect ./public --to s3://media/static",
    inTest(
      "tests/house/printed_commands_test.ts",
    ),
  ),
  block("docs/cli.md", "sh", "npx jsr add @storages/s3", inTest("tests/house/printed_commands_test.ts")),
  block(
    "docs/cli.md",
    "json",
    '{ "scripts": { "collect": "node node_modules/@storages/s3/src/cli/mod.js collect ./public --manifest" } }',
    inTest("tests/house/printed_commands_test.ts"),
  ),
  block("docs/cli.md", "text", "$ storages-s3 check s3://media/static", inTest("tests/house/printed_commands_test.ts")),
  block(
    "docs/coming_from_django_storages.md",
    "python",
    'storage = S3Storage(bucket_name="media", location="uploads")   # Python',
    { reason: PYTHON },
  ),
  block(
    "docs/coming_from_django_storages.md",
    "python",
    "STORAGES = {                                                     # Python: settings.py",
    { reason: PYTHON },
  ),
  block(
    "docs/coming_from_django_storages.md",
    "python",
    "def upload(request):                                             # Python",
    { reason: PYTHON },
  ),
  block(
    "docs/coming_from_django_storages.md",
    "ts ignore",
    'const storage = new S3Storage({ bucketName: "media", location: "uploads" }); // TypeScript',
    inTest("tests/house/printed_commands_test.ts"),
  ),
  block(
    "docs/edge_runtimes.md",
    "js ignore",
    'import { createRequire } from "node:module";',
    inTest("tests/house/versions_test.ts"),
  ),
  block(
    "docs/forms_and_serving.md",
    "nginx",
    "proxy_cache_path /var/cache/nginx/files keys_zone=files:10m max_size=10g;",
    inTest("tests/servers/nginx.ts"),
  ),
  block(
    "docs/forms_and_serving.md",
    "ts ignore",
    'import { serve } from "@storages/s3/serve";',
    inTest("tests/clients/printed_servers.ts"),
  ),
  block(
    "docs/permissions.md",
    "sh",
    "deno run -A jsr:@storages/s3/cli policy s3://media/uploads",
    inTest("tests/house/printed_commands_test.ts"),
  ),
  block("docs/permissions.md", "json", "{", inTest("tests/house/pages_test.ts")),
  recipe('import { type Transaction, withFiles } from "@storages/s3/field";'),
  recipe('import { type Transaction, withFiles } from "@storages/s3/field";'),
  recipe('import { type Transaction, withFiles } from "@storages/s3/field";'),
  recipe('import { type Transaction, withFiles } from "@storages/s3/field";'),
  recipe('import { type DrizzleDatabase, withFiles } from "@storages/s3/drizzle";'),
  recipe('import { withFiles } from "@storages/s3/kysely";'),
  block(
    "docs/records.md",
    "ts ignore",
    'import { withFiles } from "@storages/s3/field";',
    inTest("tests/clients/sync_sqlite_test.ts"),
  ),
  recipe('import { batchTransaction, withFiles } from "@storages/s3/field";'),
  recipe('import { StoredFile } from "@storages/s3/field";'),
  block(
    "docs/records.md",
    "ts ignore",
    "referenced: async (candidates) =>",
    inTest("tests/house/printed_commands_test.ts"),
  ),
  block(
    "src/cli/mod.ts",
    "sh",
    "deno run -A jsr:@storages/s3/cli collect ./public --to s3://media/static",
    inTest("tests/house/printed_commands_test.ts"),
  ),
];

/** Commands in the blocks that no test runs, by what they begin with. */
export const UNRUN_COMMANDS: readonly { readonly begins: string; readonly reason: string }[] = [
  { begins: "npx jsr add ", reason: PUBLISHED },
  { begins: "apt-get ", reason: "installs programs on the machine" },
];

function block(page: string, kind: string, firstLine: string, check: Check): UnrunBlock & { readonly check: Check } {
  return { page, kind, firstLine, check };
}

function inTest(test: string): Check {
  return { test };
}

function recipe(firstLine: string): UnrunBlock & { readonly check: Check } {
  return block("docs/records.md", "ts ignore", firstLine, inTest("tests/clients/recipes_test.ts"));
}
