import { isXmlText } from "../../client/operations/delete_objects.ts";
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from "../../client/operations/object_tagging.ts";
import { isStorageError } from "../../errors.ts";
import { formatValue } from "../../kit/values/format_value.ts";
import { checkOptions } from "../../kit/values/options.ts";
import { isRecord } from "../../kit/values/record.ts";
import type { FileAccess } from "../file_access.ts";
import { ofFile, VERSION_OPTIONS, type VersionOptions, versionTarget } from "./versioned_file.ts";

/** The limits of S3, in characters. Source: the S3 user guide, "Categorizing your storage using tags". */
const MAX_TAGS = 10;
const MAX_NAME_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;

/** Reads the tags of a file. */
export async function getTags(
  files: FileAccess,
  name: string,
  options: VersionOptions = {},
): Promise<Record<string, string>> {
  const action = `read the tags of '${name}'`;
  checkOptions(action, options, VERSION_OPTIONS);
  const target = versionTarget(files, action, name, options, "reads");
  const { client } = files.backend;
  const tags = await ofFile(target, () => getObjectTagging(client, target).catch(emptyIfNone));
  return Object.fromEntries(tags);
}

/** Replaces the tags of a file. */
export async function setTags(
  files: FileAccess,
  name: string,
  tags: Readonly<Record<string, string>>,
  options: VersionOptions = {},
): Promise<void> {
  const action = `set the tags of '${name}'`;
  checkOptions(action, options, VERSION_OPTIONS);
  checkTags(action, tags);
  const target = versionTarget(files, action, name, options, "changes");
  const { client } = files.backend;
  const isEmpty = Object.keys(tags).length === 0;
  await ofFile(target, () => {
    return isEmpty ? deleteObjectTagging(client, target) : putObjectTagging(client, { ...target, tags });
  });
}

/**
 * Checks tags against the limits of S3. Which characters are allowed is left to the service.
 *
 * @throws {TypeError} If they are not an object of texts.
 * @throws {RangeError} If there are too many, or a name or a value is too long.
 */
function checkTags(action: string, tags: unknown): asserts tags is Readonly<Record<string, string>> {
  if (!isRecord(tags) || Symbol.iterator in tags) {
    throw new TypeError(`Cannot ${action}: tags must be an object of strings, got ${formatValue(tags)}`);
  }
  const entries = Object.entries(tags);
  if (entries.length > MAX_TAGS) {
    throw new RangeError(`Cannot ${action}: a file has at most ${MAX_TAGS} tags, got ${entries.length}`);
  }
  for (const [tag, value] of entries) {
    if (typeof value !== "string" || !isSendable(value)) {
      throw new TypeError(`Cannot ${action}: tag '${tag}' must be Unicode text, got ${formatValue(value)}`);
    }
    if (!isSendable(tag)) throw new TypeError(`Cannot ${action}: the name of a tag must be Unicode text, got '${tag}'`);
    checkLength(`Cannot ${action}: the name of a tag`, tag, 1, MAX_NAME_LENGTH);
    checkLength(`Cannot ${action}: tag '${tag}'`, value, 0, MAX_VALUE_LENGTH);
  }
}

function isSendable(text: string): boolean {
  return text.isWellFormed() && isXmlText(text);
}

function checkLength(what: string, text: string, least: number, most: number): void {
  const { length } = [...text];
  if (length >= least && length <= most) return;
  throw new RangeError(`${what} must have ${least} to ${most} characters, got ${length}`);
}

/** Some services report an object without tags as an error. */
function emptyIfNone(error: unknown): [] {
  if (isStorageError(error) && error.s3Code === "NoSuchTagSet") return [];
  throw error;
}
