/** The tables of README and docs, with the tests of what they say, or the reason why none can test it. */
import type { Check } from "./unrun_blocks.ts";

/** A table, named by its page and the first two cells of its header. */
export interface PrintedTable {
  readonly page: string;
  readonly header: readonly [string, string];
  readonly check: Check;
}

const PAGES_TEST = "tests/house/pages_test.ts";
const DJANGO_TEST = "tests/house/migration_page_test.ts";
const SIDE_BY_SIDE_TEST = "tests/clients/side_by_side_test.ts";

/** The tables, in the order of the pages. */
export const TABLES: readonly PrintedTable[] = [
  because(
    "README.md",
    "runtime",
    "version",
    "older runtimes are not installed here; the commands need the published package",
  ),
  tested("README.md", "Runtime", "Version", "tests/house/versions_test.ts"),
  tested("README.md", "page", "contents", PAGES_TEST),
  tested("README.md", "entry", "what it exports", "tests/house/printed_tables_test.ts"),
  tested("docs/browser_uploads.md", "way", "call", "tests/browser/uploads_test.ts"),
  tested("docs/cli.md", "command", "what it does", "tests/unit/cli/help_test.ts"),
  tested("docs/cli.md", "exit code", "meaning", "tests/unit/cli/help_test.ts"),
  tested("docs/coming_from_bun.md", "Bun", "here", SIDE_BY_SIDE_TEST),
  because("docs/coming_from_django_storages.md", "Django", "here", "the left column is a project of Django"),
  tested("docs/coming_from_django_storages.md", "setting", "option", DJANGO_TEST),
  tested("docs/coming_from_django_storages.md", "django-storages", "here", DJANGO_TEST),
  tested("docs/coming_from_django_storages.md", "django-storages", "here", "tests/unit/storage/naming_hooks_test.ts"),
  tested("docs/coming_from_django_storages.md", "Django", "here", DJANGO_TEST),
  tested("docs/coming_from_django_storages.md", "Django, django-storages, boto3", "here", DJANGO_TEST),
  tested("docs/coming_from_django_storages.md", "django-storages", "here", DJANGO_TEST),
  tested("docs/coming_from_the_aws_sdk.md", "AWS SDK", "here", SIDE_BY_SIDE_TEST),
  tested("docs/credentials.md", "member", "value", "tests/unit/credentials/from_settings_test.ts"),
  tested("docs/credentials.md", "here", "boto3", "tests/clients/botocore_chain_test.ts"),
  because("docs/edge_runtimes.md", "runtime", "lowest version", "older runtimes are not installed here"),
  tested("docs/edge_runtimes.md", "call", "subrequests", "tests/house/edge_page_test.ts"),
  tested("docs/edge_runtimes.md", "command", "`@storages/s3/edge`", "tests/house/worker_size_test.ts"),
  tested("docs/edge_runtimes.md", "omitted", "on Workers use", "tests/clients/edge_entry_test.ts"),
  tested("docs/edge_runtimes.md", "runtime", "call", "tests/unit/settings/from_env_test.ts"),
  tested("docs/edge_runtimes.md", "feature", "Deno, Bun, Node", "tests/conformance/suite.ts"),
  tested("docs/edge_runtimes.md", "type library", "least `lib`", "tests/types/compiled_programs_test.ts"),
  tested("docs/errors.md", "class", "`code`", PAGES_TEST),
  tested("docs/errors.md", "error", "when", "tests/unit/errors_test.ts"),
  tested("docs/errors.md", "`UploadError.code`", "status", "tests/house/printed_tables_test.ts"),
  tested("docs/forms_and_serving.md", "option", "effect", "tests/unit/serve/serve_test.ts"),
  tested(
    "docs/forms_and_serving.md",
    "the client sends",
    "it becomes",
    "tests/unit/upload/multipart/part_headers_test.ts",
  ),
  tested(
    "docs/forms_and_serving.md",
    "the browser sends",
    "without `allowedOrigins`",
    "tests/unit/upload/cross_origin_test.ts",
  ),
  tested("docs/forms_and_serving.md", "option", "default", "tests/unit/upload/handle_upload_test.ts"),
  tested("docs/links.md", "option", "meaning", "tests/unit/s3/s3_storage_url_test.ts"),
  tested("docs/links.md", "settings", "`url` returns", "tests/unit/s3/custom_domain_urls_test.ts"),
  tested("docs/outages.md", "wait", "at most, by default", "tests/house/outages_page_test.ts"),
  tested("docs/outages.md", "boto3", "its default", "tests/house/outages_page_test.ts"),
  tested("docs/performance.md", "call", "requests to S3", "tests/house/performance_page_test.ts"),
  because(
    "docs/performance.md",
    "transfer",
    "memory",
    "tests do not measure memory of a process: `deno task bench memory` does",
  ),
  tested("docs/performance.md", "entry", "gzipped", "tests/house/performance_page_test.ts"),
  because(
    "docs/permissions.md",
    "call",
    "permissions",
    "only AWS checks permissions of IAM; the table follows its documentation",
  ),
  tested("docs/permissions.md", "for", "permission", "tests/house/permissions_test.ts"),
  tested("docs/providers.md", "provider", "preset", PAGES_TEST),
  tested("docs/providers.md", "provider", "`AWS_S3_ENDPOINT_URL`", PAGES_TEST),
  tested("docs/reading_and_writing.md", "option", "calls", "tests/unit/s3/s3_options_test.ts"),
  tested("docs/reading_and_writing.md", "call", "returns", "tests/conformance/call_cases.ts"),
  tested("docs/reading_and_writing.md", "mode", "returns", "tests/conformance/file_reading_cases.ts"),
  tested("docs/reading_and_writing.md", "member", "what it does", "tests/unit/storage/files/read_file_test.ts"),
  tested("docs/records.md", "library", "transaction", "tests/clients/sql_libraries_test.ts"),
  tested("docs/records.md", "library", "a file", "tests/clients/sql_libraries_test.ts"),
  tested("docs/records.md", "option", "default", "tests/unit/field/removal_test.ts"),
  tested("docs/records.md", "problem", "error", "tests/unit/field/delete_orphans_test.ts"),
  tested("docs/static_files.md", "class", "keeps files in", "tests/unit/static/manifest_static_storage_test.ts"),
  because("docs/testing_your_code.md", "in tests", "use it for", "advice"),
  tested("docs/versions.md", "call", "what it does", "tests/unit/s3/objects/version_operations_test.ts"),
  tested("docs/versions.md", "member of `stat`", "meaning", "tests/unit/s3/objects/archive_test.ts"),
];

function tested(page: string, first: string, second: string, test: string): PrintedTable {
  return { page, header: [first, second], check: { test } };
}

function because(page: string, first: string, second: string, reason: string): PrintedTable {
  return { page, header: [first, second], check: { reason } };
}
