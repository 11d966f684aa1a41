export { normalize } from "./mod.ts";
