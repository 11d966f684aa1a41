/** A process that changes the variables of its profile, with storages that were used and storages that were not. */
import { assertEquals } from "@std/assert";
import { S3Storage } from "../../mod.ts";
import { KEYS } from "./credentials_scattered.ts";
import { onStage, setVariables } from "./credentials_stage.ts";
import { serve } from "./served_server.ts";

/** Each profile has an endpoint, whose server accepts only its key. */
export const changes = (): Promise<void> =>
  onStage([KEYS], async ({ s3, home, write }) => {
    const other = { accessKeyId: "AKIAOTHER", secretAccessKey: "hunter2-other" };
    await using second = serve({ credentials: [other], region: "eu-west-1" });
    const config = (endpoint: string, { accessKeyId, secretAccessKey }: typeof other): string =>
      `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n` +
      `endpoint_url = ${endpoint}\nregion = eu-west-1\ns3 =\n  addressing_style = path\n`;
    const [mine, theirs] = [config(s3.endpoint, KEYS), config(second.endpoint, other)];
    await write(".aws/config", `[default]\n${mine}[profile other]\n${theirs}`);
    await write("second/.aws/config", `[default]\n${theirs}`);
    const file = await write("third", `[default]\n${theirs}`);
    const changes: Record<string, string>[] = [
      { HOME: home, AWS_PROFILE: "other" },
      { HOME: `${home}/second` },
      { HOME: home, AWS_CONFIG_FILE: file },
    ];
    for (const [index, change] of changes.entries()) {
      const make = (name: string): { storage: S3Storage; name: string } => ({
        storage: new S3Storage({ bucketName: "media" }),
        name: `${index}-${name}`,
      });
      setVariables({ HOME: home });
      const [used, unused] = [make("used"), make("unused")];
      await used.storage.save(used.name, "a");
      setVariables(change);
      const [late, later] = [make("late"), make("later")];
      await late.storage.save(late.name, "b");
      setVariables({ HOME: home });
      await unused.storage.save(unused.name, "a");
      await later.storage.save(later.name, "b");
      await used.storage.save(`${used.name}-again`, "a");
      const refused = [s3, second].flatMap(({ server }) => server.requests.filter(({ errorCode }) => errorCode));
      assertEquals(refused, [], "a request was signed with the key of another profile");
      for (const { storage, name } of [used, unused, late, later]) {
        assertEquals(await (await storage.open(name)).text(), /late/.test(name) ? "b" : "a");
      }
    }
  });
