import { ConfigurationError } from "../../errors.ts";
import type { UrlOptions } from "../../storage/contract/options.ts";
import { S3Storage } from "../../s3/s3_storage.ts";
import { contentDisposition } from "../../serve/content_disposition.ts";
import type { Call, Command } from "../command.ts";
import { EXIT, UsageError } from "../output/failure.ts";
import { isS3, s3Settings } from "../place.ts";

const METHODS = ["GET", "HEAD", "PUT", "DELETE"] as const;

/** Prints a URL. */
export const urlCommand: Command = {
  name: "url",
  usage: "PLACE",
  summary: "Print a URL to an object. Nothing is sent: whether it is there is not looked at.",
  takes: [1, 1],
  options: {
    expire: { short: "e", value: "TIME", help: "How long it is valid: 45s, 90m, 12h, 7d at the most (1h)" },
    method: { short: "m", value: "METHOD", help: "What it is valid for: GET, HEAD, PUT or DELETE (GET)" },
    "content-type": { value: "TYPE", help: "The media type it is sent with, or, for PUT, must be stored with" },
    download: { value: "NAME", help: "Let browsers save the object under this name" },
    unsigned: { help: "For public objects: without a signature" },
  },
  examples: [
    ["url s3://media/report.pdf --expire 7d", "A link to hand on for a week."],
    ["url s3://media/upload.bin --method PUT --expire 15m", 'A link to upload to: curl -T upload.bin "$(… url …)"'],
  ],
  run: runUrl,
};

async function runUrl({ io, screen, given, options }: Call): Promise<number> {
  const place = given[0]!;
  if (!isS3(place)) throw new UsageError(`url is for places on S3: "${place}" is a path on disk`);
  const { options: settings, name } = s3Settings(place, io);
  const method = (options.text("method")?.toUpperCase() ?? "GET") as typeof METHODS[number];
  if (!METHODS.includes(method)) {
    throw new UsageError(`--method must be one of ${METHODS.join(", ")}: it is "${method}"`);
  }
  const storage = new S3Storage({ ...settings, ...(options.has("unsigned") ? { querystringAuth: false } : {}) });
  const { querystringAuth, customDomain, customDomainQuerystringAuth } = storage.settings;
  if (!querystringAuth || (customDomain !== undefined && !customDomainQuerystringAuth)) {
    const isAsItIs = customDomain === undefined; // what others serve, and whether they sign, is theirs to say
    const given = ["expire", "download", "content-type"].find((name) => isAsItIs && options.text(name) !== undefined);
    const wrong = given ?? (/PUT|DELETE/.test(method) ? `method ${method}` : undefined);
    if (wrong !== undefined) throw new UsageError(`A URL that S3 has not signed is for reading: leave out --${wrong}`);
  }
  const wanted: UrlOptions = { method, expire: options.seconds("expire"), parameters: parametersOf(options, method) };
  try {
    await screen.give(await storage.url(name, wanted));
  } catch (error) {
    if (!(error instanceof ConfigurationError) || !error.message.startsWith("expire ")) throw error;
    throw new UsageError(`--${error.message}`);
  }
  return EXIT.done;
}

function parametersOf(options: Call["options"], method: string): NonNullable<UrlOptions["parameters"]> {
  const type = options.text("content-type");
  const download = options.text("download");
  if (download !== undefined && method !== "GET") throw new UsageError("--download is for GET");
  if (type !== undefined && method === "DELETE") throw new UsageError("--content-type is not for DELETE");
  const typed = type === undefined ? {} : { [method === "PUT" ? "ContentType" : "ResponseContentType"]: type };
  if (download === undefined) return typed;
  return { ...typed, ResponseContentDisposition: contentDisposition("attachment", download) };
}
