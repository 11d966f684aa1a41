import { credentialsFromSettings } from "../../credentials/from_settings.ts";
import { S3Storage } from "../../s3/s3_storage.ts";
import { Checkup, type Finding } from "../checkup.ts";
import type { Call, Command } from "../command.ts";
import { EXIT, explain, UsageError } from "../output/failure.ts";
import { json, printable } from "../output/format.ts";
import { isS3, labelOf, s3Settings } from "../place.ts";

/** Tries whether a configuration works. */
export const checkCommand: Command = {
  name: "check",
  usage: "[PLACE]",
  summary: "Try whether the settings in use can list, write, read, sign and delete.",
  details: "It writes a small object of its own and removes it again. What is not allowed is told by the name of the " +
    "IAM permission that is missing.",
  takes: [0, 1],
  options: {
    "read-only": { help: "Write nothing: a configuration that can only read is fine" },
    json: { help: "Give the findings as JSON" },
  },
  examples: [
    ["check", "The bucket and location of the AWS_* variables."],
    ["check s3://media/static --read-only", "For a service that only reads."],
  ],
  run: runCheck,
};

async function runCheck({ io, screen, given, options }: Call): Promise<number> {
  const place = given[0] ?? "s3:";
  if (!isS3(place)) throw new UsageError(`check is for places on S3: "${place}" is a path on disk`);
  const { options: settings, name } = s3Settings(place, io);
  const storage = new S3Storage(settings);
  const label = labelOf(storage, name);
  const isJson = options.has("json");
  const findings: Finding[] = [];
  let writing = Promise.resolve();
  const tell = (finding: Finding): void => {
    findings.push(finding);
    if (isJson || options.has("quiet")) return;
    writing = writing.then(() => screen.report(lineOf(finding, screen)));
    writing.catch(() => {}); // told by whoever waits for it
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
    await new Checkup(storage, name, { signal: io.signal, fetch: send, tell }).run(options.has("read-only"));
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
    screen.error(
      `Not allowed: ${missing.join(", ")}.\n  \`policy ${label}\` prints a policy that allows it.`,
    );
  } else screen.error(`${failed.map(({ step }) => step).join(" and ")} did not work.`);
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

/** Enough of an access key to tell it from others. */
function shortened(accessKeyId: string): string {
  return accessKeyId.length <= 8 ? accessKeyId : `${accessKeyId.slice(0, 4)}…${accessKeyId.slice(-4)}`;
}
