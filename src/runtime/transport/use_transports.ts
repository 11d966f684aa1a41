/** Sets the part of `machine` that makes connections. */
import { machine } from "../detect.ts";
import { createTransport } from "./create_transport.ts";

Object.assign(machine, { createTransport } satisfies Partial<typeof machine>);
