// deno-lint-ignore-file no-console -- prints the results for the test
/** Prints what Bun's `formData()` finds in the forms of the table, as JSON. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { parseFormData, type TableForm } from "./form_data.ts";

const forms: TableForm[] = JSON.parse(readFileSync(process.argv[2]!, "utf8"));
const results: Record<string, string> = {};
for (const form of forms) results[form.name] = await parseFormData(form);
console.log(JSON.stringify(results));
