/** Wrong programs with records, uploads, responses and errors. */
import { fileColumn } from "@storages/s3/drizzle";
import { isStorageError, NotFoundError, StorageError } from "@storages/s3/errors";
import { deleteOrphans, FileField, fileField, withFiles } from "@storages/s3/field";
import { FilePlugin } from "@storages/s3/kysely";
import { serve } from "@storages/s3/serve";
import { handleUpload } from "@storages/s3/upload";
import type { User, WrongProgram } from "./wrong_program.ts";

/** See {@linkcode WrongProgram}. */
export const WRONG_WEB: readonly WrongProgram[] = [
  {
    name: "fileField() with the storage as an option",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => fileField({ storage: memory }),
    message: "the first argument must be a Storage",
  },
  {
    name: "FileField without a storage",
    // @ts-expect-error refused at compile time
    run: () => new FileField(),
    message: "the first argument must be a Storage, got undefined",
  },
  {
    name: "fileField() with the word of Django",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => fileField(memory, { upload_to: "avatars" }),
    message: "Did you mean uploadTo?",
  },
  {
    name: "fileField() with a number for the path",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => fileField(memory, { uploadTo: 5 }),
    message: "uploadTo must be",
  },
  {
    name: "fileField() with a folder",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => fileField(memory, "avatars"),
    message: 'options must be an object, got "avatars"',
  },
  {
    name: "fileField() with a clock of numbers",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => fileField(memory, { uploadTo: "%Y", now: () => Date.now() }).save("a.png", "b"),
    message: "now must",
  },
  {
    name: "attach() of a misspelt column",
    // @ts-expect-error refused at compile time
    run: ({ avatars, user }) => avatars.attach(user, "avatr"),
  },
  {
    name: "attach() without a column",
    // @ts-expect-error refused at compile time
    run: ({ avatars, user }) => avatars.attach(user),
    message: "attribute",
  },
  {
    name: "attach() of a row of another table",
    // @ts-expect-error refused at compile time
    run: ({ avatars }) => avatars.attach({ avatar: null }, "avatar"),
  },
  {
    name: "a column that attach() does not have",
    // @ts-expect-error refused at compile time
    run: ({ avatars, user }) => avatars.attach(user, "avatar").name,
  },
  {
    name: "the file of a row as text",
    // @ts-expect-error refused at compile time
    run: ({ avatars, user }) => avatars.attach(user, "avatar").avatar.toUpperCase(),
  },
  {
    name: "save() of a field without its row",
    // @ts-expect-error refused at compile time
    run: ({ avatars }) => avatars.save("a.png", "b"),
  },
  {
    name: "save() of a field with a misspelt row",
    // @ts-expect-error refused at compile time
    run: ({ avatars, user }) => avatars.save("a.png", "b", { recrod: user }),
    message: "Did you mean record?",
  },
  {
    name: "save() of a field with a row of another table",
    // @ts-expect-error refused at compile time
    run: ({ avatars }) => avatars.save("a.png", "b", { record: { id: "1" } }),
  },
  {
    name: "save() of a field with its row alone",
    // @ts-expect-error refused at compile time
    run: ({ avatars, user }) => avatars.save("a.png", "b", user),
    message: "unknown option 'id'",
  },
  {
    name: "save() of a field that identifies",
    // @ts-expect-error refused at compile time
    run: ({ avatars, user }) => avatars.save("a.png", "b", { record: user, identify: true }),
    message: "unknown option 'identify'",
  },
  {
    name: "replace() with a policy",
    // @ts-expect-error refused at compile time
    run: ({ avatars }) => avatars.file("a.png").replace("b.png", "b", { onExisting: "replace" }),
    message: "unknown option 'onExisting'",
  },
  {
    name: "opening a stored file in a mode",
    // @ts-expect-error refused at compile time
    run: ({ avatars }) => avatars.file("a.txt").open("rb"),
    message: 'options must be an object, got "rb"',
  },
  {
    name: "deleteOrphans() with the storage as an option",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => deleteOrphans({ storage: memory, folder: "a", referenced: () => [] }),
    message: "the first argument must be a Storage",
  },
  {
    name: "deleteOrphans() with names",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => deleteOrphans(memory, { folder: "a", referenced: ["a.txt"] }),
    message: "referenced must be a function",
  },
  {
    name: "deleteOrphans() with the old word",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => deleteOrphans(memory, { folder: "a", referenced: () => [], maxRemovedFraction: 1 }),
    message: "Did you mean maxDeletedFraction?",
  },
  {
    name: "deleteOrphans() with per cent",
    run: ({ memory }) => deleteOrphans(memory, { folder: "a", referenced: () => [], maxDeletedFraction: 50 }),
    message: "maxDeletedFraction must be",
  },
  {
    name: "withFiles() with a database",
    // @ts-expect-error refused at compile time
    run: () => withFiles({}, () => Promise.resolve(5)),
    message: "transaction",
  },
  {
    name: "fileColumn() of a storage",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => fileColumn(memory),
    message: "field",
  },
  {
    name: "FilePlugin with one field",
    // @ts-expect-error refused at compile time
    run: ({ avatars }) => new FilePlugin(avatars),
    message: "field",
  },
  {
    name: "handleUpload() with the request first",
    // @ts-expect-error refused at compile time
    run: ({ memory, request }) => handleUpload(request, memory),
    message: "the first argument must be a Storage, got a Request",
  },
  {
    name: "handleUpload() with a body",
    // @ts-expect-error refused at compile time
    run: ({ memory, request }) => handleUpload(memory, request.body),
    message: "the second argument must be a Request",
  },
  {
    name: "handleUpload() with a form",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => handleUpload(memory, new FormData()),
    message: "the second argument must be a Request",
  },
  {
    name: "handleUpload() of a request whose body was read",
    run: ({ memory, uploaded }) => handleUpload(memory, uploaded),
    message: "the body of the request was already read",
  },
  {
    name: "handleUpload() with one type",
    // @ts-expect-error refused at compile time
    run: ({ memory, request }) => handleUpload(memory, request, { accept: "image/*" }),
    message: "accept must be",
  },
  {
    name: "handleUpload() with another word for the limit",
    // @ts-expect-error refused at compile time
    run: ({ memory, request }) => handleUpload(memory, request, { maxSize: 5 }),
    message: "Did you mean maxFileBytes?",
  },
  {
    name: "handleUpload() with the word of files for replacing",
    // @ts-expect-error refused at compile time
    run: ({ memory, request }) => handleUpload(memory, request, { overwrite: true }),
    message: "Did you mean onExisting?",
  },
  {
    name: "handleUpload() with a name",
    // @ts-expect-error refused at compile time
    run: ({ memory, request }) => handleUpload(memory, request, { name: "a.txt" }),
    message: "name must be a function",
  },
  {
    name: "handleUpload() with a type to save",
    // @ts-expect-error refused at compile time
    run: ({ memory, request }) => handleUpload(memory, request, { save: { contentType: "text/plain" } }),
    message: "contentType",
  },
  {
    name: "serve() with the request first",
    // @ts-expect-error refused at compile time
    run: ({ memory, page }) => serve(page, memory),
    message: "the first argument must be a Storage, got a Request",
  },
  {
    name: "serve() with a name for the request",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => serve(memory, "a.txt"),
    message: 'the second argument must be a Request, got "a.txt"',
  },
  {
    name: "serve() with the name as an argument",
    // @ts-expect-error refused at compile time
    run: ({ memory, page }) => serve(memory, page, "a.txt"),
    message: 'options must be an object, got "a.txt"',
  },
  {
    name: "serve() with the word of Express",
    // @ts-expect-error refused at compile time
    run: ({ memory, page }) => serve(memory, page, { root: "/media/" }),
    message: "unknown option 'root'",
  },
  {
    name: "serve() with another word for the disposition",
    // @ts-expect-error refused at compile time
    run: ({ memory, page }) => serve(memory, page, { disposition: "download" }),
    message: 'disposition must be "inline" or "attachment"',
  },
  {
    name: "serve() with another status",
    // @ts-expect-error refused at compile time
    run: ({ memory, page }) => serve(memory, page, { redirect: 301 }),
    message: "redirect must be",
  },
  {
    name: "serve() with the word of browsers for the lifetime",
    // @ts-expect-error refused at compile time
    run: ({ memory, page }) => serve(memory, page, { expires: 60 }),
    message: "Did you mean expiresIn?",
  },
  {
    name: "isStorageError() with the code of S3",
    // @ts-expect-error refused at compile time
    run: () => isStorageError(new Error(), "NoSuchKey"),
  },
  {
    name: "a code that no error has",
    // @ts-expect-error refused at compile time
    run: () => isStorageError(new Error()) && new NotFoundError("").code === "NoSuchKey",
  },
  {
    name: "an error without a class",
    // @ts-expect-error refused at compile time
    run: () => new StorageError("failed"),
  },
  {
    name: "a narrowed code that is another",
    // @ts-expect-error refused at compile time
    run: () => ((error: unknown): "Timeout" => isStorageError(error, "NotFound") ? error.code : "Timeout")(5),
  },
  {
    name: "fileField() of another row than the function's",
    // @ts-expect-error refused at compile time
    run: ({ memory }) => fileField<User>(memory, { uploadTo: (row: { slug: string }) => row.slug }),
  },
];
