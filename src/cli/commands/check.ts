import { credentialsFromSettings } from "../../credentials/from_settings.ts";
import { S3Storage } from "../../s3/s3_storage.ts";
import type { Finding } from "../checkup.ts";
import type { Call, Command } from "../command.ts";
import { EXIT, explain } from "../output/failure.ts";
import { json, printable } from "../output/format.ts";
import { labelOf, requireS3, s3Settings } from "../place.ts";

/** Checks whether a configuration works. */
export const checkCommand: Command = {
  name: "check",
  usage: "[PLACE]",
  summary: "Check that the current settings can list, write, read, sign and delete.",
  details: "Writes a small object and deletes it again. For each step that is denied, the missing IAM permission is " +
    "printed.",
  takes: [0, 1],
  options: {
    "read-only": { help: "Write nothing, for configurations that only read" },
    json: { help: "Print the findings as JSON" },
  },
  examples: [
    ["check", "The bucket and location of the AWS_* variables."],
    ["check s3://media/static --read-only", "For a service that only reads."],
  ],
  run: runCheck,
};

async function runCheck({ io, screen, args, options }: Call): Promise<number> {
  const place = requireS3(args[0] ?? "s3:", "check");
  const { options: settings, name } = s3Settings(place, io);
  const storage = new S3Storage(settings);
  const label = labelOf(storage, name);
  const isJson = options.has("json");
  const findings: Finding[] = [];
  let writing = Promise.resolve();
  const report = (finding: Finding): void => {
    findings.push(finding);
    if (isJson || options.has("quiet")) return;
    writing = writing.then(() => screen.report(lineOf(finding, screen)));
    writing.catch(() => {}); // reported when awaited
  };
  const send = io.fetch ?? ((request: Request): Promise<Response> => fetch(request));
  const summary = (): { ok: boolean; missing: string[]; findings: Finding[] } => {
    const missing = findings.flatMap(({ ok, permissions }) => ok === false ? permissions : []);
    return { ok: findings.every(({ ok }) => ok !== false), missing: [...new Set(missing)], findings };
  };
  try {
    const { accessKeyId } = await credentialsFromSettings(storage.settings)();
    const { regionName, endpointUrl } = storage.settings;
    const at = `at ${endpointUrl?.host ?? regionName} with the access key ${shortened(accessKeyId)}`;
    screen.note(`${screen.paint("bold", "Checking")} ${label} ${at}`);
    const { Checkup } = await import("../checkup.ts"); // loaded on demand: no other command needs it
    await new Checkup(storage, name, { signal: io.signal, fetch: send, report }).run(options.has("read-only"));
    io.signal.throwIfAborted();
  } catch (error) {
    const result = { place: label, ...summary(), ok: false, error: explain(error) };
    if (isJson) await screen.report(json(result, 2));
    throw error;
  } finally {
    await writing;
  }
  const { missing } = summary();
  const failed = findings.filter(({ ok }) => ok === false);
  if (isJson) await screen.report(json({ place: label, ...summary() }, 2));
  if (failed.length === 0) return EXIT.done;
  if (missing.length > 0) {
    screen.error(`Missing permissions: ${missing.join(", ")}\n  \`policy ${label}\` prints a policy that grants them.`);
  } else screen.error(`Failed steps: ${failed.map(({ step }) => step).join(", ")}`);
  return EXIT.failed;
}

function lineOf({ step, ok, permissions, detail }: Finding, screen: Call["screen"]): string {
  const mark = ok === undefined
    ? screen.paint("yellow", "?", "stdout")
    : ok
    ? screen.paint("green", "✓", "stdout")
    : screen.paint("red", "✗", "stdout");
  const names = permissions.join(", ");
  const said = ok === false && names !== "" ? `not allowed: ${permissions.length > 1 ? "one of " : ""}${names}` : names;
  const text = [said, detail].filter(Boolean).join(said === "" ? "" : "; ");
  return `${mark} ${step.padEnd(6)}  ${printable(text)}`;
}

/** The ends of an access key, which identify it. */
function shortened(accessKeyId: string): string {
  return accessKeyId.length <= 8 ? accessKeyId : `${accessKeyId.slice(0, 4)}…${accessKeyId.slice(-4)}`;
}
