/** Wrong programs that read and write. */
import type { WrongProgram } from "./wrong_program.ts";

/** See {@linkcode WrongProgram}. */
export const WRONG_READING_AND_WRITING: readonly WrongProgram[] = [
  {
    name: "save() with the word of the AWS SDK for the type",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("a.txt", "b", { ContentType: "text/plain" }),
    message: "unknown option 'ContentType'. Did you mean contentType?",
  },
  {
    name: "save() with a type instead of options",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("a.txt", "b", "text/plain"),
    message: 'options must be an object, got "text/plain"',
  },
  {
    name: "save() with the word of Bun for the type",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("a.txt", "b", { type: "text/plain" }),
    message: "unknown option 'type'. Did you mean contentType?",
  },
  {
    name: "save() with the word of the AWS SDK for metadata",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("a.txt", "b", { Metadata: {} }),
    message: "unknown option 'Metadata'. Did you mean metadata?",
  },
  {
    name: "save() with the word of files for replacing",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("a.txt", "b", { overwrite: true }),
    message: "unknown option 'overwrite'. Did you mean onExisting?",
  },
  {
    name: "save() with another word for replacing",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("a.txt", "b", { onExisting: "overwrite" }),
    message: 'onExisting must be "replace", "rename" or "refuse"',
  },
  {
    name: "save() with a boolean for replacing",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("a.txt", "b", { onExisting: false }),
    message: 'onExisting must be "replace", "rename" or "refuse", got false',
  },
  {
    name: "save() with metadata in a Map",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("a.txt", "b", { metadata: new Map([["author", "ada"]]) }),
    message: "metadata",
  },
  {
    name: "save() with a number in the metadata",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("a.txt", "b", { metadata: { year: 2026 } }),
    message: "metadata",
  },
  {
    name: "save() with a length as text",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("a.txt", "b", { maxLength: "10" }),
    message: "maxLength must be a number",
  },
  {
    name: "save() with the option of S3 on another storage",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("a.txt", "b", { storageClass: "GLACIER" }),
    message: "unknown option 'storageClass'",
  },
  {
    name: "save() of a number",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("a.txt", 42),
    message: "content",
  },
  {
    name: "save() of nothing",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("a.txt", undefined),
    message: "content",
  },
  {
    name: "save() of null",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("a.txt", null),
    message: "content",
  },
  {
    name: "save() of an object",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("a.json", { theme: "dark" }),
    message: "JSON.stringify",
  },
  {
    name: "save() of a list of numbers",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("a.bin", [1, 2, 3]),
    message: "data must be a string or bytes, got number",
  },
  {
    name: "save() of a form",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("a.txt", new FormData()),
    message: "got FormData",
  },
  {
    name: "save() of a promise",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("b.txt", memory.readText("a.txt")),
    message: "got Promise. Await it first",
  },
  {
    name: "save() of a method that was not called",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("b.txt", memory.readText),
    message: "content",
  },
  {
    name: "save() of a controller of streams",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("b.txt", new TransformStream()),
    message: "content",
  },
  {
    name: "save() with the content first",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save(new Blob(["b"]), "a.txt"),
    message: "name must be",
  },
  {
    name: "save() with the parameters of the AWS SDK",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save({ Key: "a.txt", Body: "b" }),
    message: "name must be",
  },
  {
    name: "save() with a controller for a signal",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.save("a.txt", "b", { signal: new AbortController() }),
    message: "signal must be an AbortSignal",
  },
  {
    name: "open() to read with an option of writing",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.open("a.txt", "rb", { contentType: "text/plain" }),
    message: "unknown option 'contentType'",
  },
  {
    name: "open() to write with an option of reading",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.open("a.txt", "wb", { start: 5 }),
    message: "unknown option 'start'",
  },
  {
    name: "open() to append",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.open("a.txt", "a"),
    message: 'mode must be "r" (text), "rb" (bytes), "w" or "wb" (write), got "a"',
  },
  {
    name: "open() to read and write",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.open("a.txt", "r+"),
    message: "mode must be",
  },
  {
    name: "open() with options but no mode",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.open("a.txt", { start: 5 }),
    message: "mode must be",
  },
  {
    name: "open() with an encoding",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.open("a.txt", "r", { encoding: "latin1" }),
    message: "unknown option 'encoding'",
  },
  {
    name: "open() with the word of the AWS SDK for a range",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.open("a.txt", "rb", { Range: "bytes=0-9" }),
    message: "unknown option 'Range'",
  },
  {
    name: "a file that was not awaited",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.open("a.txt").read(),
  },
  {
    name: "reading from a file that writes",
    // @ts-expect-error refused at compile time
    run: ({ writing }) => writing.read(),
    message: "not opened in read mode",
  },
  {
    name: "reading lines from a file that writes",
    // @ts-expect-error refused at compile time
    run: ({ writing }) => writing.lines(),
    message: "not opened in read mode",
  },
  {
    name: "writing to a file that reads",
    // @ts-expect-error refused at compile time
    run: ({ reading }) => reading.write("b"),
    message: "not opened in write mode",
  },
  {
    name: "writing a number",
    // @ts-expect-error refused at compile time
    run: ({ writing }) => writing.write(5),
    message: "data must be a string or bytes, got number",
  },
  {
    name: "writing an object",
    // @ts-expect-error refused at compile time
    run: ({ writing }) => writing.write({ theme: "dark" }),
    message: "data must be a string or bytes",
  },
  {
    name: "seeking to a text",
    // @ts-expect-error refused at compile time
    run: ({ reading }) => reading.seek("3"),
    message: "position must be",
  },
  {
    name: "seeking to a place before the file",
    run: ({ reading }) => reading.seek(-1),
    message: "position must be",
  },
  {
    name: "reading a number of bytes as text",
    // @ts-expect-error refused at compile time
    run: ({ reading }) => reading.read("3"),
    message: "length must be",
  },
  {
    name: "readText() with an encoding",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.readText("a.txt", "utf-8"),
    message: 'options must be an object, got "utf-8"',
  },
  {
    name: "readBytes() with two numbers",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.readBytes("a.txt", 0, 16),
    message: "options must be an object, got 0",
  },
  {
    name: "readBytes() with a length",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.readBytes("a.txt", { start: 0, length: 16 }),
    message: "unknown option 'length'",
  },
  {
    name: "readBytes() with another word for the start",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.readBytes("a.txt", { offset: 5 }),
    message: "unknown option 'offset'. Did you mean start?",
  },
  {
    name: "readBytes() of a part before the file",
    run: ({ memory }) => memory.readBytes("a.txt", { start: -5 }),
    message: "start and end must be integers",
  },
  {
    name: "readBytes() of a part that ends before it starts",
    run: ({ memory }) => memory.readBytes("a.txt", { start: 5, end: 2 }),
    message: "end greater than start",
  },
  {
    name: "reading a part of a text with decompression",
    run: ({ memory }) => memory.readText("a.txt", { start: 1, decompress: true }),
    message: "decompress",
  },
  {
    name: "a member of JSON without a type",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.readJson("a.json").then((settings) => settings.theme),
  },
  {
    name: "decompression by another word",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.readText("a.txt", { decompress: "zstd" }),
    message: "decompress must be",
  },
  {
    name: "download() with a target",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.download("a.txt", "/tmp/a.txt"),
    message: 'options must be an object, got "/tmp/a.txt"',
  },
  {
    name: "downloadTo() with a number",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.downloadTo("a.txt", 5),
    message: "target must be",
  },
  {
    name: "downloadTo() without a target",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.downloadTo("a.txt"),
    message: "target must be",
  },
  {
    name: "download() with a text for a function",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => memory.download("a.txt", { onProgress: "log" }),
    message: "onProgress must be a function",
  },
];
