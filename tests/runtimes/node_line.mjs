// What a program on Node below 20.16 runs first: see docs/edge_runtimes.md.
import { createRequire } from "node:module";

process.getBuiltinModule ??= createRequire(import.meta.url);
