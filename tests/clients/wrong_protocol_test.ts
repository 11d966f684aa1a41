/** Endpoints with the wrong protocol, and with a certificate of a private authority, under Deno, Bun and Node. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath, RuntimeUnavailableError } from "../runtimes/install.ts";

const RUNTIMES: Readonly<Record<string, () => Promise<string[]>>> = {
  deno: () => Promise.resolve([Deno.execPath(), "run", "-A", "--no-lock"]),
  node: async () => [await nodePath()],
  bun: async () => [await bunPath()],
};

/** Advice on each endpoint; how the wrong protocol fails depends on the server. */
const ADVICE = {
  tlsOnPlainPort: "begin endpointUrl with http://, or set useSsl to false",
  plainOnTlsPort: "If the server uses TLS on this port, begin endpointUrl with https://",
  privateAuthority: "set verify to its certificates (AWS_CA_BUNDLE)",
};

/** A certificate for localhost that no authority signed; `undefined` without openssl. */
async function selfSigned(): Promise<{ cert: string; key: string } | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "storages-cert-" });
  try {
    const { success } = await new Deno.Command("openssl", {
      args:
        `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout ${folder}/key.pem -out ${folder}/cert.pem`
          .split(" "),
      stdout: "null",
      stderr: "null",
    }).output();
    if (!success) return undefined;
    const [cert, key] = await Promise.all(["cert", "key"].map((name) => Deno.readTextFile(`${folder}/${name}.pem`)));
    return { cert: cert!, key: key! };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const tls = await selfSigned();

for (const [runtime, find] of Object.entries(RUNTIMES)) {
  let command: string[] = [];
  let skipped = tls === undefined ? "openssl is not installed" : undefined;
  try {
    command = await find();
  } catch (error) {
    if (!(error instanceof RuntimeUnavailableError)) throw error;
    skipped = error.message;
  }
  const name = `${runtime}: the error of a wrong protocol and of a private certificate says what to change`;
  Deno.test(
    { name: skipped === undefined ? name : `${name} (skipped: ${skipped})`, ignore: skipped !== undefined },
    async () => {
      const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
      await using plainServer = Deno.serve(options, () => new Response());
      await using tlsServer = Deno.serve({ ...options, ...tls! }, () => new Response());
      const [plainPort, tlsPort] = [plainServer.addr.port, tlsServer.addr.port];
      const endpoints = [
        `https://127.0.0.1:${plainPort}`,
        `http://127.0.0.1:${tlsPort}`,
        `https://127.0.0.1:${tlsPort}`,
      ];
      const [program, ...args] = command;
      const { stdout, stderr } = await new Deno.Command(program!, {
        args: [
          ...args,
          await bundle("tests/clients/wrong_protocol_probe.ts", "tests/.build/wrong_protocol_probe.js"),
          ...endpoints,
        ],
        env: { NO_COLOR: "1", AWS_EC2_METADATA_DISABLED: "true" },
        stdin: "null",
      }).output();
      const text = new TextDecoder().decode(stdout);
      assert(text.startsWith("["), text + new TextDecoder().decode(stderr));
      const failures = JSON.parse(text) as [code: string, message: string][];
      assertEquals(failures.map(([code]) => code), ["Connection", "Connection", "Connection"], text);
      for (const [index, advice] of Object.values(ADVICE).entries()) assertStringIncludes(failures[index]![1], advice);
    },
  );
}
