/** Starts a separate nginx for a test, if Debian's package is installed. */
import { Attended } from "../browser/attended.ts";

/** How the proxies pass on requests; clients use HTTP/2 with TLS for those with a 2. */
export const PROXIES = ["buffered", "unbuffered", "cached", "sliced", "buffered2", "unbuffered2"] as const;

export type ProxyName = (typeof PROXIES)[number];

export interface NginxServer extends AsyncDisposable {
  /** The URL of each proxy, without a slash at the end. */
  readonly urls: Readonly<Record<ProxyName, string>>;
  /** The certificate authority of the proxies with HTTP/2. */
  readonly caPath: string;
}

/** The command to install it, for the note about a skipped test. */
export const NGINX_INSTALL_HINT =
  "nginx is not installed: apt-get install -y --no-install-recommends nginx-light openssl";

/** The program; it is not on the PATH of every user. */
const PROGRAM = "/usr/sbin/nginx";

export async function isNginxInstalled(): Promise<boolean> {
  const { Command } = Deno;
  const runs = async (name: string, arg: string): Promise<boolean> =>
    await new Command(name, { args: [arg], stdout: "null", stderr: "null" }).output().then(
      ({ success }) => success,
      () => false,
    );
  return await runs(PROGRAM, "-v") && await runs("openssl", "version");
}

const CACHED = "proxy_http_version 1.1; proxy_cache files; proxy_cache_valid 200 1m;";
const UNBUFFERED = "proxy_request_buffering off; proxy_buffering off;";

/** The settings for files that the documentation recommends. */
async function documentedSettings(): Promise<string> {
  const page = await Deno.readTextFile(new URL("../../docs/forms_and_serving.md", import.meta.url));
  const settings = /location \/ \{\n([^}]*)\}/.exec(page)?.[1]?.replace(/^.*proxy_pass.*$/m, "");
  if (settings === undefined) throw new Error("docs/forms_and_serving.md has no location / for nginx");
  return settings;
}

/**
 * Starts proxies for one service. They stop when disposed, and when this process ends.
 *
 * @param ports One free port for each proxy.
 */
export async function startNginx(upstream: string, ports: readonly number[]): Promise<NginxServer> {
  const folder = await Deno.makeTempDir({ prefix: "storages-nginx-" });
  await makeCertificate(folder);
  const settings: Record<ProxyName, string> = {
    ...{ buffered: "", unbuffered: UNBUFFERED, cached: CACHED, sliced: await documentedSettings() },
    ...{ buffered2: "", unbuffered2: UNBUFFERED },
  };
  const servers = PROXIES.map((name, index) => {
    const isHttp2 = name.endsWith("2");
    const tls = isHttp2 ? `ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;` : "";
    return `server {
      listen 127.0.0.1:${ports[index]}${isHttp2 ? " ssl http2" : ""}; ${tls}
      location / { proxy_pass ${upstream}; ${settings[name]} }
    }`;
  });
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  await Deno.writeTextFile(
    `${folder}/nginx.conf`,
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr notice; ${Deno.uid() === 0 ? "user root;" : ""}
    events {}
    http {
      access_log off; client_max_body_size 16m;
      proxy_set_header Host $http_host;
      add_header X-Cache $upstream_cache_status;
      proxy_cache_path ${folder}/cache keys_zone=files:1m;
      ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(" ")}
      ${servers.join("\n")}
    }`,
  );
  const nginx = new Attended([PROGRAM, "-e", "stderr", "-c", `${folder}/nginx.conf`], /start worker process (\d+)/);
  const stop = async (): Promise<void> => {
    await nginx[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  };
  await nginx.address.catch(async (error) => {
    await stop();
    throw error;
  });
  const urls = Object.fromEntries(
    PROXIES.map((name, index) => [name, `http${name.endsWith("2") ? "s" : ""}://127.0.0.1:${ports[index]}`]),
  );
  return { urls: urls as NginxServer["urls"], caPath: `${folder}/cert.pem`, [Symbol.asyncDispose]: stop };
}

async function makeCertificate(folder: string): Promise<void> {
  const key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1";
  const { success, stderr } = await new Deno.Command("openssl", {
    args: `req -x509 ${key} -addext subjectAltName=IP:127.0.0.1 -keyout ${folder}/key.pem -out ${folder}/cert.pem`
      .split(" "),
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
