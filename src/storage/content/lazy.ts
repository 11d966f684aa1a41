type FileTypes = typeof import("./file_type.ts");

let loaded: FileTypes | undefined;

/**
 * The functions that describe a file by its name and its bytes. They are loaded with the first file, as their table is large.
 *
 * @returns A promise only until they are loaded.
 */
export function fileTypes(): FileTypes | Promise<FileTypes> {
  return loaded ?? import("./file_type.ts").then((types) => loaded = types);
}
