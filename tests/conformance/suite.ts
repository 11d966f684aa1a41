/**
 * The suite that every storage on every runtime must pass. It needs nothing but web APIs, so that it can be bundled
 * once and run anywhere.
 */
import { S3Storage } from "../../mod.ts";
import { LoggingBackend } from "../../examples/logging_backend.ts";
import { PrefixBackend } from "../../examples/prefix_backend.ts";
import { LocalStorage, MemoryStorage, Storage } from "../../src/storage/mod.ts";
import { createS3Server } from "../../src/testing/mod.ts";
import type { S3Case, S3Context, StorageCase, StorageWishes } from "./case.ts";
import { fileReadingCases, fileReadingWireCases } from "./file_reading_cases.ts";
import { fileWritingCases, fileWritingWireCases } from "./file_writing_cases.ts";
import { callCases } from "./call_cases.ts";
import { credentialCases } from "./credentials.ts";
import { downloadCases } from "./download_cases.ts";
import { gzipCases } from "./gzip_cases.ts";
import { integrityCases } from "./integrity_cases.ts";
import { handleCases } from "./handles.ts";
import { linkCases } from "./link_cases.ts";
import { nothingLostCases } from "./nothing_lost.ts";
import { nothingLostWireCases } from "./nothing_lost_wire.ts";
import { nameCases } from "./names_and_folders.ts";
import { presigningCases } from "./presigning.ts";
import { s3Cases } from "./s3_cases.ts";
import { S3Peer } from "./s3_peer.ts";
import { savingCases } from "./saving.ts";
import { spoolingCases } from "./spooling_cases.ts";
import { staticCases } from "./static_cases.ts";

export interface CaseResult {
  /** What it ran against. */
  target: string;
  name: string;
  ok: boolean;
  /** Why it did not run. */
  skipped?: string;
  error?: string;
  milliseconds: number;
}

export interface SuiteEnvironment {
  /** Where the HTTP servers listen, and the keys they take. */
  endpoint?: string;
  accessKey?: string;
  secretKey?: string;
  /** What to run against. */
  servers: string[];
  /** An empty folder for the storages on disk. */
  folder?: string;
}

const BUCKET = "conformance";

const S3_CASES: readonly S3Case[] = [
  ...s3Cases,
  ...credentialCases,
  ...presigningCases,
  ...gzipCases,
  ...spoolingCases,
  ...downloadCases,
  ...fileReadingWireCases,
  ...fileWritingWireCases,
  ...integrityCases,
  ...nothingLostWireCases,
];

const STORAGE_CASES: readonly StorageCase[] = [
  ...callCases,
  ...savingCases,
  ...handleCases,
  ...nameCases,
  ...fileReadingCases,
  ...fileWritingCases,
  ...staticCases,
  ...linkCases,
  ...nothingLostCases,
];

/** The targets that are storages, and how to open an empty one. */
const STORAGES: Readonly<Record<string, (environment: SuiteEnvironment) => (wishes?: StorageWishes) => Storage>> = {
  "memory-storage": () => (wishes) => new MemoryStorage({ location: "memory", ...wishes }),
  "local-storage": ({ folder }) => {
    if (folder === undefined) throw new TypeError("The target local-storage needs a folder");
    return (wishes) => new LocalStorage(`${folder}/${crypto.randomUUID()}`, { location: "local", ...wishes });
  },
  "prefix-backend": () => (wishes) =>
    new Storage(new PrefixBackend(new MemoryStorage().backend, "tenants/7/"), { location: "memory", ...wishes }),
  "logging-backend": () => {
    const peer = inMemoryPeer();
    return (wishes) => {
      const storage = openOn(peer, wishes);
      return new Storage(new LoggingBackend(storage.backend, () => {}), storage);
    };
  },
};

/**
 * Runs every case against every target asked for; never rejects for a case that fails.
 *
 * @param onCase Called with the name of each case before it starts.
 */
export async function runConformance(
  environment: SuiteEnvironment,
  onCase: (name: string) => void = () => {},
): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  const runCase = (target: string, name: string, run: () => Promise<void>): Promise<CaseResult> => {
    onCase(name);
    return resultOf(target, name, run);
  };
  for (const target of environment.servers) {
    const openStorage = STORAGES[target]?.(environment);
    if (openStorage !== undefined) {
      for (const { name, run } of STORAGE_CASES) results.push(await runCase(target, name, () => run(openStorage)));
      continue;
    }
    const peer = await connect(target, environment);
    for (const { name, run } of STORAGE_CASES) {
      results.push(await runCase(target, name, () => run((wishes) => openOn(peer, wishes))));
    }
    const context: S3Context = { peer, open: (wishes) => openOn(peer, wishes) };
    for (const { name, run } of S3_CASES) results.push(await runCase(target, name, () => run(context)));
  }
  return results;
}

function inMemoryPeer(): S3Peer {
  const { fetch } = createS3Server({ buckets: [BUCKET] });
  return new S3Peer({ fetch, accessKey: "testkey", secretKey: "testsecret", bucket: BUCKET });
}

async function connect(target: string, environment: SuiteEnvironment): Promise<S3Peer> {
  if (target === "in-memory-server") {
    return inMemoryPeer();
  }
  const { endpoint, accessKey, secretKey } = environment;
  if (endpoint === undefined || accessKey === undefined || secretKey === undefined) {
    throw new TypeError(`The target ${target} needs an endpoint and keys`);
  }
  const peer = new S3Peer({ endpoint, accessKey, secretKey, bucket: BUCKET });
  await peer.createBucket();
  return peer;
}

/** A storage in a folder of its own: the runtimes use one server in turn. */
function openOn(peer: S3Peer, wishes: StorageWishes = {}): S3Storage {
  return new S3Storage({ ...peer.storageOptions(), location: `run-${crypto.randomUUID()}`, ...wishes });
}

async function resultOf(target: string, name: string, run: () => Promise<void>): Promise<CaseResult> {
  const start = performance.now();
  const result = (outcome: { ok: boolean; error?: string }): CaseResult => {
    return { target, name, ...outcome, milliseconds: Math.round(performance.now() - start) };
  };
  try {
    await run();
    return result({ ok: true });
  } catch (error) {
    return result({ ok: false, error: error instanceof Error ? error.stack ?? error.message : String(error) });
  }
}
