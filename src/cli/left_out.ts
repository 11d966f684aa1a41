import { isName } from "../storage/names.ts";
import { count, printable } from "./format.ts";
import type { Screen } from "./screen.ts";

/** What listings do not show: counted, so that it is not passed over in silence. */
export class LeftOut {
  /** Names of the empty objects that mark folders; they end in a slash. */
  readonly markers: string[] = [];
  #first: string | undefined;
  #count = 0;

  /** Takes what a listing leaves out. */
  readonly add = (name: string): void => {
    if (isName(name) && name.endsWith("/")) {
      this.markers.push(name);
      return;
    }
    this.#first ??= name;
    this.#count++;
  };

  /** Tells of keys that are no paths. Returns whether there were any. */
  tell(screen: Screen): boolean {
    if (this.#count === 0) return false;
    const kind = this.#count === 1 ? "is no path" : "are no paths";
    screen.warn(`${count(this.#count, "name")} left out that ${kind}, such as "${printable(this.#first!)}"`);
    return true;
  }
}
