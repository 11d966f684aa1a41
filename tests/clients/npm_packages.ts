/** Real static files: npm packages, downloaded once into `.cache`. */

const CACHE = new URL("../../.cache/static_packages/", import.meta.url);

/**
 * The folder of the packages, for `from` and for `STATICFILES_DIRS` of Django.
 *
 * @param packages Names with exact versions, of packages without dependencies.
 */
export async function npmPackages(packages: readonly string[]): Promise<string | { skipped: string }> {
  const folder = new URL(`${await digest(packages.join(" "))}/`, CACHE);
  const modules = decodeURIComponent(new URL("node_modules", folder).pathname);
  if (await Deno.stat(modules).then(() => true, () => false)) return modules;
  await Deno.mkdir(CACHE, { recursive: true });
  // Installed to a temporary folder and moved, so that an interrupted download is not used.
  const staging = await Deno.makeTempDir({ dir: decodeURIComponent(CACHE.pathname), prefix: "installing-" });
  try {
    const options = [
      "--no-save",
      "--ignore-scripts",
      "--legacy-peer-deps",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
    ];
    const { success, stderr } = await new Deno.Command("npm", {
      args: ["install", `--prefix=${staging}`, ...options, ...packages],
      cwd: staging,
      stdin: "null",
      stdout: "null",
    }).output();
    if (!success) return { skipped: `npm did not install: ${new TextDecoder().decode(stderr).trim().slice(0, 200)}` };
    await Deno.rename(staging, folder).catch(async (error) => {
      // Another process may have installed the same in the meantime.
      if (!await Deno.stat(modules).then(() => true, () => false)) throw error;
    });
    return modules;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { skipped: "npm is not on PATH" };
    throw error;
  } finally {
    await Deno.remove(staging, { recursive: true }).catch(() => {});
  }
}

async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hash).slice(0, 6)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
