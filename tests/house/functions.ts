/** Functions of the sources, and how long they may be. */

import { stripSource } from "./code_only.ts";

/** A function that needs more lines of code is two functions, or a class; comments and blank lines do not count. */
export const LONGEST_FUNCTION_LINES = 60;

/** A function, a method or an arrow function as it stands in a source. */
export interface FoundFunction {
  /** The line it begins on, from 1 on. */
  readonly line: number;
  /** Its lines of code, those of the functions inside it included. */
  readonly lines: number;
}

type FunctionNode = Deno.lint.FunctionDeclaration | Deno.lint.FunctionExpression | Deno.lint.ArrowFunctionExpression;

/** Every function in a source, by its syntax tree. */
export function findFunctions(path: string, source: string): FoundFunction[] {
  const found: FoundFunction[] = [];
  const plugin: Deno.lint.Plugin = {
    name: "functions",
    rules: {
      find: {
        create: (context) => {
          const add = (node: FunctionNode): void => {
            const line = source.slice(0, node.range[0]).split("\n").length;
            found.push({ line, lines: codeLines(context.sourceCode.getText(node)) });
          };
          return { FunctionDeclaration: add, FunctionExpression: add, ArrowFunctionExpression: add };
        },
      },
    },
  };
  Deno.lint.runPlugin(plugin, path, source);
  return found;
}

/** The functions of a source that are too long. */
export function functionViolations(path: string, source: string): string[] {
  return findFunctions(path, source).filter(({ lines }) => lines > LONGEST_FUNCTION_LINES).map(({ line, lines }) =>
    `${path}:${line}: a function of ${lines} lines of code; ${LONGEST_FUNCTION_LINES} at most`
  );
}

function codeLines(text: string): number {
  return stripSource(text).code.split("\n").filter((line) => line.trim() !== "").length;
}
