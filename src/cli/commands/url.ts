import type { UrlOptions } from "../../storage/contract/options.ts";
import { S3Storage } from "../../s3/s3_storage.ts";
import { contentDisposition } from "../../kit/text/content_disposition.ts";
import type { Call, Command } from "../command.ts";
import { EXIT, UsageError } from "../output/failure.ts";
import { printable } from "../output/format.ts";
import { requireS3, s3Settings } from "../place.ts";

const METHODS = ["GET", "HEAD", "PUT", "DELETE"] as const;

/** Prints a URL. */
export const urlCommand: Command = {
  name: "url",
  usage: "PLACE",
  summary: "Print a URL of an object. S3 is not asked, so the object may be missing.",
  takes: [1, 1],
  options: {
    "expires-in": { short: "e", value: "TIME", help: "How long the URL is valid: 45s, 90m, 12h, at most 7d (1h)" },
    method: { short: "m", value: "METHOD", help: "The allowed method: GET, HEAD, PUT or DELETE (GET)" },
    "content-type": { value: "TYPE", help: "The media type of the response, or with PUT, of the upload" },
    download: { value: "NAME", help: "The file name under which browsers save the object" },
    unsigned: { help: "Print a URL without a signature, for public objects" },
  },
  examples: [
    ["url s3://media/report.pdf --expires-in 7d", "A link that is valid for a week."],
    ["url s3://media/upload.bin --method PUT --expires-in 15m", 'A URL for an upload: curl -T upload.bin "$(… url …)"'],
  ],
  run: runUrl,
};

async function runUrl({ io, screen, args, options }: Call): Promise<number> {
  const place = requireS3(args[0]!, "url");
  const { options: settings, name } = s3Settings(place, io);
  const method = (options.text("method")?.toUpperCase() ?? "GET") as typeof METHODS[number];
  if (!METHODS.includes(method)) {
    throw new UsageError(`--method must be one of ${METHODS.join(", ")}, got "${method}"`);
  }
  if (name === "") throw new UsageError(`url needs an object: add its key to ${printable(args[0]!)}`);
  const storage = new S3Storage({ ...settings, ...(options.has("unsigned") ? { querystringAuth: false } : {}) });
  const { querystringAuth, customDomain, customDomainQuerystringAuth } = storage.settings;
  if (!querystringAuth || (customDomain !== undefined && !customDomainQuerystringAuth)) {
    const isS3Url = customDomain === undefined; // the server of a custom domain may support these without a signature
    const unsupported = ["expires-in", "download", "content-type"].find((name) => isS3Url && options.text(name)) ??
      (/PUT|DELETE/.test(method) ? `method ${method}` : undefined);
    if (unsupported !== undefined) throw new UsageError(`--${unsupported} cannot be used with an unsigned URL`);
  }
  const parameters = parametersOf(options, method);
  const wanted: UrlOptions = { method, expiresIn: options.seconds("expires-in"), parameters };
  try {
    await screen.give(await storage.url(name, wanted));
  } catch (error) {
    const [, problem] = /: expiresIn (must be .*)$/.exec((error as Error).message) ?? [];
    throw problem === undefined ? error : new UsageError(`--expires-in ${problem}`);
  }
  return EXIT.done;
}

function parametersOf(options: Call["options"], method: string): NonNullable<UrlOptions["parameters"]> {
  const type = options.text("content-type");
  const download = options.text("download");
  if (download !== undefined && method !== "GET") throw new UsageError("--download can only be used with --method GET");
  if (type !== undefined && method === "DELETE") {
    throw new UsageError("--content-type cannot be used with --method DELETE");
  }
  const typed = type === undefined ? {} : { [method === "PUT" ? "ContentType" : "ResponseContentType"]: type };
  if (download === undefined) return typed;
  // Not by downloadName, which a custom domain does not have: its server may understand the parameter.
  return { ...typed, ResponseContentDisposition: contentDisposition("attachment", download) };
}
