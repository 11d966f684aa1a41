/**
 * Sorts files so that each comes after the files that it needs. Files that need each other in a circle form one group.
 *
 * Source: Tarjan's algorithm for strongly connected components, without recursion, since chains may be long.
 *
 * @param needs The names that each file needs; names that are not keys are ignored.
 */
export function dependencyOrder(needs: ReadonlyMap<string, readonly string[]>): string[][] {
  const groups: string[][] = [];
  const indexes = new Map<string, number>();
  const lows = new Map<string, number>();
  const waiting: string[] = [];
  const isWaiting = new Set<string>();
  const enter = (name: string): Visit => {
    indexes.set(name, indexes.size);
    lows.set(name, indexes.get(name)!);
    waiting.push(name);
    isWaiting.add(name);
    return { name, rest: needs.get(name)!.filter((need) => needs.has(need)).values() };
  };
  const lower = (name: string, to: number): void => void lows.set(name, Math.min(lows.get(name)!, to));
  for (const root of needs.keys()) {
    if (indexes.has(root)) continue;
    const trail = [enter(root)];
    while (trail.length > 0) {
      const { name, rest } = trail.at(-1)!;
      const { value: need } = rest.next();
      if (need !== undefined) {
        if (!indexes.has(need)) trail.push(enter(need));
        else if (isWaiting.has(need)) lower(name, indexes.get(need)!);
        continue;
      }
      trail.pop();
      if (trail.length > 0) lower(trail.at(-1)!.name, lows.get(name)!);
      if (lows.get(name) !== indexes.get(name)) continue;
      const group = waiting.splice(waiting.lastIndexOf(name));
      for (const member of group) isWaiting.delete(member);
      groups.push(group);
    }
  }
  return groups;
}

/** A file whose needs are being visited. */
interface Visit {
  readonly name: string;
  readonly rest: Iterator<string>;
}
