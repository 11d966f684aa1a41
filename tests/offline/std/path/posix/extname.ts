export { extname } from "./mod.ts";
