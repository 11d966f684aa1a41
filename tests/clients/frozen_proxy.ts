// deno-lint-ignore-file no-console -- prints its address for the test
/** A proxy as a process of its own, so that a test can freeze it: then no FIN of the server reaches the client. */
import { type ConnectionFilter, TcpProxy } from "../servers/tcp_proxy.ts";

class PassingProxy extends TcpProxy {
  protected filter(): ConnectionFilter {
    return { request: () => "forward", answer: () => "forward" };
  }
}

const { hostname, port } = new URL(Deno.args[0]!);
console.log(`Listening on http://127.0.0.1:${new PassingProxy(hostname, Number(port)).port}/`);
