import { compareUtf8 } from "../../kit/text/utf8_order.ts";
import { partitionPoint } from "./partition_point.ts";

/** Keys in the order of their UTF-8 bytes, sorted at every write, so that a page of a listing takes time for its own length only. */
export class SortedKeys {
  readonly #keys: string[] = [];

  get list(): readonly string[] {
    return this.#keys;
  }

  /** Adds or removes a key. */
  set(key: string, isMember: boolean): void {
    const place = partitionPoint(this.#keys, (candidate) => compareUtf8(candidate, key) < 0);
    const found = this.#keys[place] === key;
    if (isMember && !found) this.#keys.splice(place, 0, key);
    if (!isMember && found) this.#keys.splice(place, 1);
  }
}
