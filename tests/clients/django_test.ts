/** Debian's Django and django-storages with the same Ceph RGW: each side reads the files that the other has collected. */
import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { collect, S3ManifestStaticStorage } from "../../src/static/mod.ts";
import { S3Peer } from "../conformance/s3_peer.ts";
import { type RgwServer, startRgw } from "../servers/rgw.ts";
import { DJANGO_INSTALL_HINT, djangoCollect, djangoUrls, djangoVersions } from "./django/django.ts";
import { npmPackages } from "./npm_packages.ts";

/** Several hundred real files: style sheets with fonts and images, scripts with source maps, modules. */
const PACKAGES = [
  "font-awesome@4.7.0",
  "katex@0.16.11",
  "leaflet@1.9.4",
  "normalize.css@8.0.1",
  "select2@4.0.13",
  "slick-carousel@1.8.1",
];

/** Why the hash of a file may differ from that of Django 3.2; `undefined` if it must not. */
type Reason = "source map" | "module" | "fragment";

interface Names {
  readonly ours: ReadonlyMap<string, string>;
  readonly django: Readonly<Record<string, string>>;
}

/**
 * Reverts the rewriting of imports and source map comments, which Django 3.2 does not do, and compares the rest with the
 * output of Django.
 */
function explained(name: string, source: string, text: string, { ours, django }: Names): Reason | undefined {
  const md5 = (text: string): string => createHash("md5").update(text).digest("hex").slice(0, 12);
  const wanted = /\.([0-9a-f]{12})\.[^.]+$/.exec(django[name]!)![1];
  const map = /sourceMappingURL=\S+/;
  if (name.endsWith(".css")) {
    const back = text.replace(map, () => map.exec(source)![0]);
    if (md5(back) === wanted) return "source map";
    // Django before 4.0 adds quotes around a fragment.
    return md5(back.replace(/url\((#[^)]*)\)/g, 'url("$1")')) === wanted ? "fragment" : undefined;
  }
  if (!/\.m?js$/.test(name) || md5(source) !== wanted) return undefined;
  const isRewritten = [...ours].some(([, path]) => text.includes(path.slice(path.lastIndexOf("/") + 1)));
  if (!isRewritten) return undefined;
  return text.replace(map, "") === source.replace(map, "") ? "source map" : "module";
}

const versions = await djangoVersions();
const rgw = versions === undefined ? { skipped: DJANGO_INSTALL_HINT } : await startRgw();
const modules = "skipped" in rgw ? rgw : await npmPackages(PACKAGES);
if (typeof modules !== "string" && !("skipped" in rgw)) await rgw.stop();
const missing = typeof modules === "string" ? "" : ` (${modules.skipped})`;

Deno.test({
  name: `Django and collect read each other's manifests, and give files the same names${missing}`,
  ignore: missing !== "",
  fn: async () => {
    const { endpoint, accessKey, secretKey, stop } = rgw as RgwServer;
    const folder = modules as string;
    try {
      for (const bucket of ["django", "ours"]) {
        await new S3Peer({ endpoint, accessKey, secretKey, bucket }).createBucket();
      }
      const storageOf = (bucketName: string): S3ManifestStaticStorage =>
        new S3ManifestStaticStorage({
          bucketName,
          endpointUrl: endpoint,
          accessKey,
          secretKey,
          manifestVersion: "1.0",
          staticUrl: "/static/",
        });
      const storage = storageOf("ours");
      const { copied } = await collect(storage, { from: folder });
      const { paths: django } = await djangoCollect({ endpoint, bucket: "django", accessKey, secretKey }, [folder]);
      const ours = (await storage.hashedFiles.load()).paths;
      assertEquals([...ours.keys()].sort(), Object.keys(django).sort());
      assertEquals(copied, ours.size);
      assert(ours.size > 500, `${ours.size} files`);

      const reasons = new Map<string, Reason | undefined>();
      for (const [name, path] of ours) {
        if (path === django[name]) continue;
        const source = await Deno.readTextFile(`${folder}/${name}`);
        // Not as text, which would convert line ends to "\n".
        const text = new TextDecoder().decode(await (await storage.open(path, "rb")).bytes());
        reasons.set(name, explained(name, source, text, { ours, django }));
      }
      assertEquals([...reasons].filter(([, reason]) => reason === undefined), []);
      // Without any difference the test would compare the wrong files.
      assertEquals(new Set(reasons.values()), new Set<Reason>(["source map", "module", "fragment"]));
      assert(reasons.size < ours.size / 5, `${reasons.size} of ${ours.size} differ`);

      // Django's URLs are percent-decoded; none of these names needs encoding.
      const names = [...ours.keys()];
      const theirUrls = await djangoUrls({ endpoint, bucket: "ours", accessKey, secretKey }, names);
      for (const name of names) assertEquals(await storage.url(name), theirUrls[name]);
      const theirs = storageOf("django");
      const stored = new Set((await Array.fromAsync(theirs.list("", { recursive: true }))).map(({ name }) => name));
      for (const name of names) {
        assertEquals(await theirs.storedName(name), django[name]);
        assert(stored.has(django[name]!), django[name]);
      }
      const fonts = names.filter((name) => name.endsWith(".eot")).map((name) => `${name}?#iefix`);
      const fontUrls = await djangoUrls({ endpoint, bucket: "django", accessKey, secretKey }, fonts);
      assert(fonts.length > 0);
      for (const font of fonts) assertEquals(await theirs.url(font), fontUrls[font]);

      // Files that the other side has collected are not stored again, except those that are rewritten differently.
      const again = await collect(theirs, { from: folder });
      assertEquals([again.copied, again.unmodified, again.postProcessed], [0, ours.size, reasons.size]);
      const back = await djangoCollect({ endpoint, bucket: "ours", accessKey, secretKey }, [folder]);
      assertEquals(back.summary.startsWith(`0 static files copied, ${ours.size} unmodified`), true, back.summary);
    } finally {
      await stop();
    }
  },
});
