import { type Command, COMMON_OPTIONS } from "./command.ts";

const PROGRAM = "storages-s3";

/**
 * The help of all commands.
 *
 * @param columns The greatest length of a line.
 */
export function programHelp(commands: readonly Command[], columns: number): string {
  const table = (rows: Rows): string[] => tableOf(rows, columns);
  const rows = commands.map(({ name, summary }) => [name, summary] as const);
  return [
    "Manage static and stored files on S3 and on disk.",
    "",
    "Usage:",
    `  ${PROGRAM} COMMAND [ARGUMENTS]`,
    "",
    "Commands:",
    ...table(rows),
    "",
    "Places:",
    ...table([
      [
        "s3://BUCKET/KEY",
        "An object or a folder. Settings may follow: s3://media/a?region=eu-west-1&endpoint=…",
      ],
      ["s3:NAME", "An object or a folder in the bucket and location of the AWS_* variables"],
      ["PATH", "A file or a folder on disk"],
    ]),
    "",
    ...wrapped(
      "Credentials and other settings come from the AWS_* variables and the AWS configuration files, as everywhere in " +
        "@storages/s3.",
      columns,
    ),
    "",
    "Exit codes:",
    ...table([
      ["0", "Success"],
      ["1", "Failure, or no files found"],
      ["2", "Invalid command line"],
      ["130", "Interrupted by Ctrl-C or SIGTERM"],
    ]),
    "",
    ...wrapped(
      `\`${PROGRAM} COMMAND --help\` describes a command, \`${PROGRAM} --version\` prints the version.`,
      columns,
    ),
  ].join("\n");
}

/**
 * The help of a command.
 *
 * @param columns The greatest length of a line.
 */
export function commandHelp(command: Command, columns: number): string {
  const { name, usage, summary, details, options, examples } = command;
  const rows = Object.entries({ ...options, ...COMMON_OPTIONS }).map(([option, { value, short, help }]) => {
    return [
      `${short === undefined ? "    " : `-${short}, `}--${option}${value === undefined ? "" : ` ${value}`}`,
      help,
    ] as const;
  });
  return [
    ...wrapped(summary, columns),
    "",
    "Usage:",
    `  ${PROGRAM} ${name} ${usage}`,
    ...(details === undefined ? [] : ["", ...details.split("\n").flatMap((line) => wrapped(line, columns))]),
    "",
    "Options:",
    ...tableOf(rows, columns),
    ...(examples.length === 0 ? [] : ["", "Examples:"]),
    ...examples.flatMap((
      [command, about],
    ) => [`  ${PROGRAM} ${command}`, ...wrapped(about, columns - 6).map((line) => `      ${line}`)]),
    "",
    ...wrapped("Exit codes: 0 success, 1 failure, 2 invalid command line, 130 interrupted.", columns),
  ].join("\n");
}

type Rows = readonly (readonly [string, string])[];

/** Formats two columns, the second one wrapped. */
function tableOf(rows: Rows, columns: number): string[] {
  const left = Math.min(28, Math.floor(columns / 2), Math.max(...rows.map(([first]) => first.length)));
  return rows.flatMap(([first, second]) => {
    const lines = wrapped(second, columns - left - 4);
    const isLong = first.length > left;
    const head = isLong ? [`  ${first}`] : [`  ${first.padEnd(left)}  ${lines[0]}`];
    return [...head, ...lines.slice(isLong ? 0 : 1).map((line) => " ".repeat(left + 4) + line)];
  });
}

function wrapped(text: string, columns: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line !== "" && line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}
