/**
 * Sorts files so that each comes after the files that it needs. Files that need each other in a circle form one group.
 *
 * Source: Tarjan's algorithm for strongly connected components, without recursion, since chains may be long.
 *
 * @param needs The names that each file needs; names that are not keys are ignored.
 */
export function dependencyOrder(needs: ReadonlyMap<string, readonly string[]>): string[][] {
  const search = new ComponentSearch(needs);
  for (const name of needs.keys()) search.visit(name);
  return search.groups;
}

/** A file whose needs are being visited. */
interface Visit {
  readonly name: string;
  readonly rest: Iterator<string>;
}

/** The state of Tarjan's algorithm. */
class ComponentSearch {
  readonly groups: string[][] = [];
  readonly #needs: ReadonlyMap<string, readonly string[]>;
  /** The order in which files were first visited. */
  readonly #indexes = new Map<string, number>();
  /** The lowest index that each file leads to, among files without a group. */
  readonly #lows = new Map<string, number>();
  /** Visited files without a group. */
  readonly #waiting: string[] = [];
  readonly #isWaiting = new Set<string>();

  constructor(needs: ReadonlyMap<string, readonly string[]>) {
    this.#needs = needs;
  }

  /** Visits a file, and all files that it needs. */
  visit(root: string): void {
    if (this.#indexes.has(root)) return;
    const trail = [this.#enter(root)];
    while (trail.length > 0) {
      const { name, rest } = trail.at(-1)!;
      const { value: need } = rest.next();
      if (need === undefined) {
        trail.pop();
        if (trail.length > 0) this.#lower(trail.at(-1)!.name, this.#lows.get(name)!);
        this.#leave(name);
      } else if (!this.#indexes.has(need)) trail.push(this.#enter(need));
      else if (this.#isWaiting.has(need)) this.#lower(name, this.#indexes.get(need)!);
    }
  }

  #enter(name: string): Visit {
    const index = this.#indexes.size;
    this.#indexes.set(name, index);
    this.#lows.set(name, index);
    this.#waiting.push(name);
    this.#isWaiting.add(name);
    return { name, rest: this.#needs.get(name)!.filter((need) => this.#needs.has(need)).values() };
  }

  #lower(name: string, low: number): void {
    this.#lows.set(name, Math.min(this.#lows.get(name)!, low));
  }

  /** Makes a group of a file and the files after it, if none of them leads to an earlier file. */
  #leave(name: string): void {
    if (this.#lows.get(name) !== this.#indexes.get(name)) return;
    const group = this.#waiting.splice(this.#waiting.lastIndexOf(name));
    for (const member of group) this.#isWaiting.delete(member);
    this.groups.push(group);
  }
}
