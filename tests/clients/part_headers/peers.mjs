// deno-lint-ignore-file no-console explicit-function-return-type -- JavaScript that Node runs and whose output the test reads
/** Parses the forms of the table with busboy or formidable, and prints what each finds, as JSON. */
import { createRequire } from "node:module";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";

const [, , table, modules] = process.argv;
const require = createRequire(`${modules}/`);
const busboy = require("busboy");
const { default: formidable } = await import(
  require.resolve("formidable").replace(/dist\/index\.cjs$/, "src/index.js")
);

const field = (name, value) => `${name}=${value}`;
const file = (name, fileName, content) =>
  `${name}: ${JSON.stringify(fileName ?? null)}${content === "hi" ? "" : ` (${content})`}`;

function withBusboy({ type, body }) {
  return new Promise((resolve) => {
    const found = [];
    let parser;
    try {
      parser = busboy({ headers: { "content-type": type }, preservePath: true, defParamCharset: "utf8" });
    } catch {
      return resolve("refused");
    }
    parser.on("field", (name, value) => found.push(field(name, value)));
    parser.on("file", (name, stream, { filename }) => {
      const index = found.push("") - 1;
      let content = "";
      stream.setEncoding("utf8");
      stream.on("data", (text) => content += text);
      stream.on("end", () => found[index] = file(name, filename, content));
    });
    parser.on("error", () => resolve("refused"));
    parser.on("close", () => resolve(found.join(", ") || "nothing"));
    parser.end(body);
  });
}

async function withFormidable({ type, body }, uploadDir) {
  const request = Object.assign(Readable.from([body]), {
    headers: { "content-type": type, "content-length": String(body.length) },
  });
  try {
    const form = formidable({ allowEmptyFiles: true, minFileSize: 0, uploadDir });
    const [fields, files] = await form.parse(request);
    const found = Object.entries(fields).flatMap(([name, values]) => values.map((value) => field(name, value)));
    for (const [name, all] of Object.entries(files)) {
      for (const { originalFilename, filepath } of all) {
        found.push(file(name, originalFilename, await readFile(filepath, "utf8")));
      }
    }
    return found.join(", ") || "nothing";
  } catch {
    return "refused";
  }
}

const uploadDir = await mkdtemp(join(tmpdir(), "formidable-"));
const results = {};
for (const { name, type, body } of JSON.parse(await readFile(table, "utf8"))) {
  const form = { type, body: Buffer.from(body, "latin1") };
  results[name] = {
    busboy: await withBusboy(form),
    formidable: await withFormidable(form, uploadDir),
  };
}
await rm(uploadDir, { recursive: true });
console.log(JSON.stringify(results));
process.exit(); // a parser of a malformed form may still wait
