import { isName } from "../../storage/contract/names.ts";
import type { OmittedReason } from "../../storage/contract/options.ts";
import { count, printable } from "./format.ts";
import type { Screen } from "./screen.ts";

/** The most names of links in one warning. */
const MAX_SHOWN = 10;

/** Why links were skipped, for one link and for several. */
const LINKS = {
  link: ["that is not followed", "that are not followed"],
  outside: [
    "that leads out of the folder (--follow-links follows it)",
    "that lead out of the folder (--follow-links follows them)",
  ],
  dangling: ["without a target", "without a target"],
} as const;

/** Why names were skipped; the second reason only applies on disk. */
const NAMES = {
  noPath: ["that is not a path", "that are not paths"],
  reserved: [
    "that is reserved for LocalStorage, or is not UTF-8",
    "that are reserved for LocalStorage, or are not UTF-8",
  ],
} as const;

/** Counts the entries that listings skip, so that they can be reported. */
export class SkippedEntries {
  /** Names of the empty objects that represent folders; they end in a slash. */
  readonly markers: string[] = [];
  readonly #links = { link: [] as string[], outside: [] as string[], dangling: [] as string[] };
  readonly #names = { noPath: { count: 0, first: "" }, reserved: { count: 0, first: "" } };

  /** Receives an entry that a listing skips. */
  readonly add = (name: string, reason: OmittedReason): void => {
    if (reason === "marker") this.markers.push(name);
    else if (reason !== "name") this.#links[reason].push(name);
    else {
      const names = this.#names[isName(name) ? "reserved" : "noPath"];
      if (names.count++ === 0) names.first = name;
    }
  };

  /** The number of skipped links. */
  get links(): number {
    return Object.values(this.#links).reduce((sum, names) => sum + names.length, 0);
  }

  /** Prints warnings about links and names. Returns whether names were skipped. */
  report(screen: Screen): boolean {
    for (const [reason, [one, more]] of Object.entries(LINKS)) {
      const names = this.#links[reason as keyof typeof LINKS];
      if (names.length === 0) continue;
      const shown = names.slice(0, MAX_SHOWN).map((name) => `"${printable(name)}"`).join(", ");
      const rest = names.length > MAX_SHOWN ? ` and ${names.length - MAX_SHOWN} more` : "";
      screen.warn(`skipped ${count(names.length, "link")} ${names.length === 1 ? one : more}: ${shown}${rest}`);
    }
    for (const [reason, [one, more]] of Object.entries(NAMES)) {
      const names = this.#names[reason as keyof typeof NAMES];
      if (names.count === 0) continue;
      const kind = names.count === 1 ? one : more;
      screen.warn(`skipped ${count(names.count, "name")} ${kind}, such as "${printable(names.first)}"`);
    }
    return this.#names.noPath.count + this.#names.reserved.count > 0;
  }
}
