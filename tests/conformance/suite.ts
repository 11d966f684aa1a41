/** Placeholder: replaced by the real suite. */
export interface CaseResult {
  target: string;
  name: string;
  ok: boolean;
  skipped?: string;
  error?: string;
  milliseconds: number;
}

export async function runConformance(
  env: { endpoint?: string; accessKey?: string; secretKey?: string; servers: string[] },
): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const server of env.servers) {
    results.push({ target: server, name: "a trivial case", ok: true, milliseconds: 0 });
    if (env.endpoint !== undefined) {
      const response = await fetch(env.endpoint);
      await response.body?.cancel();
      results.push({ target: server, name: "the server answers", ok: response.status < 500, milliseconds: 0 });
    }
  }
  return results;
}
