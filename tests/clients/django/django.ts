/** Debian's Django and django-storages, run as a program of their own. */

const PROGRAM = decodeURIComponent(new URL("./collect.py", import.meta.url).pathname);

/** Debian's own Python: another one on PATH does not see Debian's packages. */
const PYTHON = "/usr/bin/python3";

/** What to install, as the note about a skipped test says it. */
export const DJANGO_INSTALL_HINT =
  "Django is not installed: apt-get install -y --no-install-recommends python3-django python3-django-storages-boto3";

/** Where Django finds its bucket. */
export interface DjangoBucket {
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** The class of django-storages: S3ManifestStaticStorage by default. */
  readonly storage?: string;
}

export interface DjangoCollected {
  readonly milliseconds: number;
  readonly cpuMilliseconds: number;
  readonly summary: string;
  readonly requests: Readonly<Record<string, number>>;
  readonly paths: Readonly<Record<string, string>>;
}

/** Django's version and that of django-storages; `undefined` where they are not installed. */
export async function djangoVersions(): Promise<string | undefined> {
  try {
    const code = "import django, storages, storages.backends.s3boto3; print(django.__version__, storages.__version__)";
    const { success, stdout } = await new Deno.Command(PYTHON, { args: ["-c", code], stderr: "null" }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}

/** Runs collectstatic. */
export async function djangoCollect(bucket: DjangoBucket, folders: readonly string[]): Promise<DjangoCollected> {
  return await run({ ...bucket, what: "collect", folders }) as DjangoCollected;
}

/** Asks Django's storage for URLs, as a template does. */
export async function djangoUrls(bucket: DjangoBucket, names: readonly string[]): Promise<Record<string, string>> {
  return (await run({ ...bucket, what: "urls", names }) as { urls: Record<string, string> }).urls;
}

async function run(asked: unknown): Promise<unknown> {
  // Too many names for an argument go in by the standard input.
  const child = new Deno.Command(PYTHON, { args: [PROGRAM], stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode(JSON.stringify(asked)));
  await input.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(`Django failed: ${new TextDecoder().decode(stderr).trim().slice(-2000)}`);
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
}
