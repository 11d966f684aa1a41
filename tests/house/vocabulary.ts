/** The words and the order of arguments of the public API, checked in the output of `deno doc --json`. */

/** Names that the public API does not use, each with the one that it uses. */
export const BANNED: Readonly<Record<string, string>> = {
  clampExpire: "mayExpireEarlier",
  completeMultipartUpload: "uploads.complete",
  createMultipartUpload: "uploads.create",
  abortMultipartUpload: "uploads.abort",
  abortIncompleteUploads: "uploads.abortIncomplete",
  expire: "expiresIn, in seconds",
  expires: "expiresIn, in seconds, or expiresAt, a Date",
  expiresInSeconds: "expiresIn",
  LeftOutReason: "OmittedReason",
  leftOut: "omitted",
  maxAgeSeconds: "maxAge",
  maxRemovedFraction: "maxDeletedFraction",
  onLeftOut: "onOmitted",
  onSaved: "identify, an option of save",
  overwrite: 'onExisting: "replace", "rename" or "refuse"',
  partSizeBytes: "partSize",
  removeOnAbort: "deleteOnAbort",
  removeOrphans: "deleteOrphans",
  starts: "startsAt, a Date",
};

/** The parts of `deno doc --json` that the checks use. */
export interface DocOutput {
  readonly nodes: Readonly<Record<string, { readonly symbols: readonly DocSymbol[] }>>;
}

interface DocSymbol {
  readonly name: string;
  readonly declarations: readonly Declaration[];
}

interface Declaration {
  readonly declarationKind: string;
  readonly kind: string;
  readonly def?: unknown;
}

interface Parameter {
  readonly kind: "identifier" | "assign" | "object" | "array" | "rest";
  readonly name?: string;
  readonly optional?: boolean;
  readonly tsType?: Type | null;
  /** The parameter before its default. */
  readonly left?: Parameter;
}

interface Type {
  readonly repr?: string;
}

/** A function, method or constructor that callers see. */
interface Signature {
  /** Where it is, for messages. */
  readonly at: string;
  readonly parameters: readonly Parameter[];
  /** Whether it is a method of a storage, whose subject is the storage itself. */
  readonly isOfStorage: boolean;
}

/** Describes each public signature and name that breaks a rule of the vocabulary. */
export function vocabularyViolations({ nodes }: DocOutput): string[] {
  const symbols = Object.values(nodes).flatMap(({ symbols }) => symbols);
  const violations = symbols.flatMap((symbol) => {
    const exported = symbol.declarations.filter(({ declarationKind }) => declarationKind === "export");
    if (exported.length === 0) return [];
    const declarations = withoutImplementations(exported, ({ kind }) => kind, ({ def }) => def as Body | undefined);
    return [
      ...bannedIn(symbol.name, symbol.name),
      ...declarations.flatMap((declaration) => declarationViolations(symbol.name, declaration)),
    ];
  });
  return [...new Set(violations)].sort();
}

function declarationViolations(name: string, declaration: Declaration): string[] {
  const { def } = declaration;
  return [
    ...signaturesOf(name, declaration).flatMap(signatureViolations),
    ...membersIn(def).flatMap((member) => bannedIn(`${name}.${member}`, member)),
    ...(declaration.kind === "interface" && name.endsWith("Options") && propertiesOf(def).includes("storage")
      ? [`${name}.storage: a storage is the first argument, not an option`]
      : []),
  ];
}

function bannedIn(at: string, name: string): string[] {
  const advice = Object.hasOwn(BANNED, name) ? BANNED[name] : undefined;
  return advice === undefined ? [] : [`${at}: '${name}' is called ${advice}`];
}

interface Body {
  readonly hasBody?: boolean;
}

/** The declarations without the implementations of overloads, which callers do not see. */
function withoutImplementations<T>(
  declarations: readonly T[],
  keyOf: (declaration: T) => string,
  bodyOf: (declaration: T) => Body | undefined,
): T[] {
  const overloaded = new Set(declarations.filter((one) => !bodyOf(one)?.hasBody).map(keyOf));
  return declarations.filter((one) => !(bodyOf(one)?.hasBody && overloaded.has(keyOf(one))));
}

/** The signatures that a declaration shows: the function, the methods and the constructors. */
function signaturesOf(name: string, { kind, def }: Declaration): Signature[] {
  const isOfStorage = /Storage$/.test(name);
  const { params, methods = [], constructors = [] } = (def ?? {}) as {
    readonly params?: readonly Parameter[];
    readonly methods?: readonly {
      readonly name: string;
      readonly accessibility?: string;
      readonly params?: readonly Parameter[];
      readonly functionDef?: Body & { readonly params: readonly Parameter[] };
    }[];
    readonly constructors?: readonly { readonly params: readonly Parameter[] }[];
  };
  const visible = withoutImplementations(
    methods.filter(({ accessibility }) => accessibility !== "private"),
    (method) => method.name,
    (method) => method.functionDef,
  );
  return [
    ...(kind === "function" && params !== undefined ? [{ at: name, parameters: params, isOfStorage: false }] : []),
    ...constructors.map(({ params }) => ({ at: `new ${name}`, parameters: params, isOfStorage: false })),
    ...visible.map((method) => ({
      at: `${name}.${method.name}`,
      parameters: method.functionDef?.params ?? method.params ?? [],
      isOfStorage,
    })),
  ];
}

function signatureViolations({ at, parameters, isOfStorage }: Signature): string[] {
  const violations: string[] = [];
  const optionsAt = parameters.findIndex(isOptions);
  const optional = parameters.slice(0, Math.max(optionsAt, 0)).find(isOptional);
  if (optional !== undefined) {
    violations.push(`${at}: the optional parameter '${nameOf(optional)}' is before the options. Make it one of them`);
  }
  const storageAt = parameters.findIndex(isStorage);
  if (storageAt > 0 && !isOfStorage) violations.push(`${at}: the storage must be the first parameter`);
  return [...violations, ...parameters.flatMap((parameter) => bannedIn(at, nameOf(parameter)))];
}

/** The parameter without its default. */
function bare(parameter: Parameter): Parameter {
  return parameter.kind === "assign" ? bare(parameter.left!) : parameter;
}

function isOptional(parameter: Parameter): boolean {
  return parameter.kind === "assign" || parameter.optional === true;
}

function nameOf(parameter: Parameter): string {
  return bare(parameter).name ?? "";
}

function isOptions(parameter: Parameter): boolean {
  const { kind, name, tsType } = bare(parameter);
  return kind === "object" || name === "options" || /Options$/.test(tsType?.repr ?? "");
}

function isStorage(parameter: Parameter): boolean {
  return /^\w*Storage$/.test(bare(parameter).tsType?.repr ?? "");
}

/** The names of the properties of an interface. */
function propertiesOf(def: unknown): string[] {
  return ((def as { readonly properties?: readonly { readonly name: string }[] }).properties ?? []).map(({ name }) =>
    name
  );
}

/** The names of all properties, methods and parameters in a definition, also of object types within others. */
function membersIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(membersIn);
  if (typeof node !== "object" || node === null) return [];
  const { accessibility, jsDoc: _, ...rest } = node as Record<string, unknown>;
  if (accessibility === "private") return [];
  return Object.entries(rest).flatMap(([key, value]) => {
    const isList = ["properties", "methods", "params"].includes(key) && Array.isArray(value);
    const named = isList
      ? value.filter((member) => member?.accessibility !== "private").map((member) => member?.name)
      : [];
    return [...named.filter((name) => typeof name === "string"), ...membersIn(value)];
  });
}
