/** The files that `open` returns for reading, in one module, which is loaded with the first of them. */
export { BinaryFile } from "./binary_file.ts";
export { TextFile } from "./text_file.ts";
