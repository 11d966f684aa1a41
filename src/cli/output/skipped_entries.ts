import { isName } from "../../storage/contract/names.ts";
import type { LeftOutReason } from "../../storage/contract/options.ts";
import { count, printable } from "./format.ts";
import type { Screen } from "./screen.ts";

/** As many names of links as a person reads. */
const MOST_SHOWN = 10;

/** What is said of links that were left out, for one and for more. */
const LINKS = {
  link: ["is not followed", "are not followed"],
  outside: [
    "leads out of the folder (--follow-links follows it)",
    "lead out of the folder (--follow-links follows them)",
  ],
  dangling: ["leads nowhere", "lead nowhere"],
} as const;

/** What is said of names that were left out: the latter only on disk. */
const NAMES = {
  noPath: ["is no path", "are no paths"],
  kept: ["is kept for LocalStorage, or is no UTF-8", "are kept for LocalStorage, or are no UTF-8"],
} as const;

/** What listings do not show: counted, so that it is not passed over in silence. */
export class LeftOut {
  /** Names of the empty objects that mark folders; they end in a slash. */
  readonly markers: string[] = [];
  readonly #links = { link: [] as string[], outside: [] as string[], dangling: [] as string[] };
  readonly #names = { noPath: { count: 0, first: "" }, kept: { count: 0, first: "" } };

  /** Takes what a listing leaves out. */
  readonly add = (name: string, reason: LeftOutReason): void => {
    if (reason === "marker") this.markers.push(name);
    else if (reason !== "name") this.#links[reason].push(name);
    else {
      const names = this.#names[isName(name) ? "kept" : "noPath"];
      if (names.count++ === 0) names.first = name;
    }
  };

  /** How many links were left out. */
  get links(): number {
    return Object.values(this.#links).reduce((sum, names) => sum + names.length, 0);
  }

  /** Tells of links, and of names. Returns whether there were any of the latter. */
  tell(screen: Screen): boolean {
    for (const [reason, [one, more]] of Object.entries(LINKS)) {
      const names = this.#links[reason as keyof typeof LINKS];
      if (names.length === 0) continue;
      const shown = names.slice(0, MOST_SHOWN).map((name) => `"${printable(name)}"`).join(", ");
      const rest = names.length > MOST_SHOWN ? ` and ${names.length - MOST_SHOWN} more` : "";
      screen.warn(`${count(names.length, "link")} left out that ${names.length === 1 ? one : more}: ${shown}${rest}`);
    }
    for (const [reason, [one, more]] of Object.entries(NAMES)) {
      const names = this.#names[reason as keyof typeof NAMES];
      if (names.count === 0) continue;
      const kind = names.count === 1 ? one : more;
      screen.warn(`${count(names.count, "name")} left out that ${kind}, such as "${printable(names.first)}"`);
    }
    return this.#names.noPath.count + this.#names.kept.count > 0;
  }
}
