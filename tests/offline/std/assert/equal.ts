/**
 * Deep equality as `@std/assert` defines it: 0 equals -0, NaN equals NaN, an absent key differs from an undefined one,
 * and values of different classes are never equal (except that `Object.create(null)` is a plain object too).
 */
export function equal(a: unknown, b: unknown): boolean {
  return compare(a, b, new Map());
}

/** Classes whose whole state is in their text. */
const COMPARED_AS_TEXT: ReadonlySet<unknown> = new Set([RegExp.prototype, URL.prototype, URLSearchParams.prototype]);

function compare(a: unknown, b: unknown, seen: Map<object, object>): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (prototypeOf(a) !== prototypeOf(b)) return false;
  if (ArrayBuffer.isView(a) && !(a instanceof DataView)) return sameItems(a, b);
  if (a instanceof ArrayBuffer) return sameItems(new Uint8Array(a), new Uint8Array(b as ArrayBuffer));
  if (COMPARED_AS_TEXT.has(prototypeOf(a))) return String(a) === String(b);
  if (seen.get(a) === b) return true;
  seen.set(a, b);
  if (a instanceof Map || a instanceof Set) return sameEntries(a, b as typeof a, seen);
  if (Object.keys(a).length !== Object.keys(b).length) return false;
  return sameProperties(a as Record<PropertyKey, unknown>, b as Record<PropertyKey, unknown>, seen);
}

/** A null prototype counts as that of plain objects. */
function prototypeOf(value: object): unknown {
  return Object.getPrototypeOf(value) ?? Object.prototype;
}

function sameItems(a: unknown, b: unknown): boolean {
  const left = a as ArrayLike<number | bigint>;
  const right = b as ArrayLike<number | bigint>;
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) {
    if (left[i] !== right[i] && !Object.is(left[i], right[i])) return false;
  }
  return true;
}

/** Keys may be objects, so each entry looks for any entry of the other side that equals it. */
function sameEntries(
  a: Map<unknown, unknown> | Set<unknown>,
  b: Map<unknown, unknown> | Set<unknown>,
  seen: Map<object, object>,
): boolean {
  if (a.size !== b.size) return false;
  const others = [...b.entries()];
  for (const [key, value] of a.entries()) {
    const match = others.findIndex((other) => compare(key, other[0], seen) && compare(value, other[1], seen));
    if (match === -1) return false;
    others.splice(match, 1);
  }
  return true;
}

function sameProperties(
  a: Record<PropertyKey, unknown>,
  b: Record<PropertyKey, unknown>,
  seen: Map<object, object>,
): boolean {
  for (const key of new Set([...keysOf(a), ...keysOf(b)])) {
    if ((key in a) !== (key in b) || !compare(a[key], b[key], seen)) return false;
  }
  return true;
}

/** Own keys of plain objects and arrays; for a class instance its class's keys too, so that getters count. */
function keysOf(value: object): PropertyKey[] {
  const keys: PropertyKey[] = [];
  for (
    let object: object | null = value;
    object !== null && object !== Object.prototype && object !== Array.prototype;
    object = Object.getPrototypeOf(object)
  ) keys.push(...Reflect.ownKeys(object));
  return Array.isArray(value) ? keys.filter((key) => key !== "length") : keys;
}
