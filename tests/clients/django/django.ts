/** Runs Debian's Django and django-storages as a program. */

const PROGRAM = decodeURIComponent(new URL("./collect.py", import.meta.url).pathname);

/** Debian's Python, since another one on PATH cannot import Debian's packages. */
const PYTHON = "/usr/bin/python3";

/** The command to install them, for the note about a skipped test. */
export const DJANGO_INSTALL_HINT =
  "Django is not installed: apt-get install -y --no-install-recommends python3-django python3-django-storages-boto3";

/** The bucket of Django. */
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

/** The versions of Django and django-storages; `undefined` if they are not installed. */
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

/** Returns URLs of the storage of Django, as in a template. */
export async function djangoUrls(bucket: DjangoBucket, names: readonly string[]): Promise<Record<string, string>> {
  return (await run({ ...bucket, what: "urls", names }) as { urls: Record<string, string> }).urls;
}

async function run(asked: unknown): Promise<unknown> {
  // Passed on standard input, as there are too many names for arguments.
  const child = new Deno.Command(PYTHON, { args: [PROGRAM], stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode(JSON.stringify(asked)));
  await input.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(`Django failed: ${new TextDecoder().decode(stderr).trim().slice(-2000)}`);
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
}
