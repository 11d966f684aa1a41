import { encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { md5Hex, withHash } from "../hash.ts";
import { type Link, rewrite } from "./links.ts";

/** A file of a circle of references. */
interface Member {
  readonly name: string;
  readonly text: string;
  readonly links: readonly Link[];
}

/**
 * The hashed names of files that refer to each other in a circle: each changes with any of them.
 *
 * @param storedName The stored name of a file outside of the circle.
 */
export async function circleNames(
  members: readonly Member[],
  storedName: (name: string) => string | undefined,
): Promise<Map<string, string>> {
  const texts = members.map(({ name, text, links }) => [name, rewrite(text, links, storedName)] as const);
  const common = await md5Hex(encodeUtf8(JSON.stringify(texts.sort(([one], [other]) => one < other ? -1 : 1))));
  const names = new Map<string, string>();
  for (const { name } of members) names.set(name, withHash(name, await md5Hex(encodeUtf8(common + name))));
  return names;
}
