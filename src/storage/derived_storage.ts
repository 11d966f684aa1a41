/**
 * Makes a storage of the same class as another one, by the constructor of a class that both extend. Constructors of
 * subclasses in between, which may have other parameters, do not run; the fields that they have added are copied.
 *
 * @param by The class whose constructor runs.
 */
export function derivedStorage<T extends object>(
  origin: T,
  by: new (...parameters: never[]) => object,
  ...given: unknown[]
): T {
  const made = Reflect.construct(by, given, origin.constructor) as T;
  for (const name of Reflect.ownKeys(origin)) {
    if (!Object.hasOwn(made, name)) Object.defineProperty(made, name, Object.getOwnPropertyDescriptor(origin, name)!);
  }
  return made;
}
