// deno-lint-ignore-file no-console -- this is a command: its output is the report
/**
 * Twelve packages from npm, collected with pages and opened in Chromium beside the originals: same titles, same console, no
 * failed request that the original does not have, no module loaded twice. Needs npm and Chromium, and takes minutes.
 */
import { collect, ManifestStaticStorage } from "../../src/static/mod.ts";
import { LocalStorage, MemoryStorage } from "../../src/storage/mod.ts";
import { Chromium } from "../browser/chromium.ts";
import { visit } from "../browser/site_visit.ts";

/** Each package with the page that uses it, and patterns of files that keep their names. */
const TREES: Record<string, { readonly page: string; readonly unhashed?: readonly string[] }> = {
  leaflet: {
    page:
      `<link rel=stylesheet href=dist/leaflet.css><div id=m style="height:99px"></div><script src=dist/leaflet.js></script>
<script>L.marker([0, 0]).addTo(L.map("m").setView([0, 0], 1)); document.title = document.querySelector(".leaflet-marker-icon").src.split("/").pop()</script>`,
    unhashed: ["dist/images/*"],
  },
  mathjax: {
    page:
      `<p>\\(x^2\\)<script src=tex-svg.js></script><script>MathJax.startup.promise.then(() => document.title = document.querySelectorAll("mjx-container").length + " formula")</script>`,
  },
  "pdfjs-dist": {
    page: `<script type=module>import * as pdf from "./build/pdf.mjs"; document.title = pdf.version;
pdf.GlobalWorkerOptions.workerSrc = new URL("./build/pdf.worker.mjs", import.meta.url).href; console.log(typeof pdf.getDocument)</script>`,
  },
  three: {
    page: `<script type=importmap>{"imports":{"three":"./build/three.module.js"}}</script><script type=module>
import * as THREE from "three"; import { OrbitControls } from "./examples/jsm/controls/OrbitControls.js";
document.title = "three " + THREE.REVISION + typeof OrbitControls</script>`,
  },
  bootstrap: {
    page:
      `<link rel=stylesheet href=dist/css/bootstrap.css><button class=btn>x</button><script src=dist/js/bootstrap.bundle.js></script><script>document.title = bootstrap.Modal.VERSION + getComputedStyle(document.querySelector(".btn")).display</script>`,
  },
  jquery: {
    page: `<script src=dist/jquery.js></script><script>$(() => document.title = "jquery " + $.fn.jquery)</script>`,
  },
  "lit-html": {
    page:
      `<div id=d></div><script type=module>import { html, render } from "./lit-html.js"; import { repeat } from "./directives/repeat.js";
render(repeat([1, 2], (i) => html\`<b>\${i}</b>\`), d); document.title = d.textContent</script>`,
  },
  preact: {
    page:
      `<script type=importmap>{"imports":{"preact":"./dist/preact.mjs"}}</script><div id=d></div><script type=module>
import { h, render } from "preact"; import { useState } from "./hooks/dist/hooks.mjs"; render(h("b", null, useState.name.length > 0), d); document.title = "preact"</script>`,
  },
  vue: {
    page:
      `<div id=d>{{ n }}</div><script type=module>import { createApp, version } from "./dist/vue.esm-browser.js"; createApp({ data: () => ({ n: 1 }) }).mount("#d"); document.title = version</script>`,
  },
  "chart.js": {
    page:
      `<canvas id=c></canvas><script src=dist/chart.umd.js></script><script>document.title = Chart.version; new Chart(c, { type: "bar", data: { labels: ["a"], datasets: [{ data: [1] }] } })</script>`,
  },
  "htmx.org": { page: `<script src=dist/htmx.js></script><script>document.title = htmx.version</script>` },
  swiper: {
    page:
      `<link rel=stylesheet href=swiper-bundle.css><div class=swiper><div class=swiper-wrapper><div class=swiper-slide>x</div></div></div><script type=module>
import Swiper from "./swiper.mjs"; import { Navigation } from "./modules/index.mjs"; new Swiper(".swiper", { modules: [Navigation] }); document.title = "swiper"</script>`,
  },
};

const packages = Object.keys(TREES).map((name) => name === "mathjax" ? "mathjax@4" : name);
const folder = Deno.env.get("SITE_TREES") ?? await Deno.makeTempDir();
if (Deno.env.get("SITE_TREES") === undefined) {
  const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder, ...packages];
  await new Deno.Command("npm", { args }).output();
}
let [seen, wrong] = [0, 0];
await using chromium = await Chromium.start();
const only = new Set(Deno.args);
for (const [name, { page, unhashed = [] }] of Object.entries(TREES)) {
  if (only.size > 0 && !only.has(name)) continue;
  seen++;
  const tree = `${folder}/node_modules/${name}`;
  await Deno.writeTextFile(`${tree}/index.html`, `<!doctype html><meta charset=utf-8><title>start</title>${page}`);
  const collected = new ManifestStaticStorage(new MemoryStorage());
  const kinds: string[] = [];
  try {
    const options = { from: tree, pages: {}, unhashed: [...unhashed], missingReferences: "warn" as const };
    const { copied, postProcessed } = await collect(collected, {
      ...options,
      onProgress: ({ kind, message = "" }) => kind === "warning" && kinds.push(message),
    });
    const ready = "document.title !== 'start' || performance.now() > 10_000"; // a page may be broken itself
    const one = await visit(chromium, new LocalStorage(tree), "index.html", ready);
    const other = await visit(chromium, collected, "index.html", ready);
    const isSame = JSON.stringify({ ...one, hashed: 0 }) === JSON.stringify({ ...other, hashed: 0 });
    const isRight = isSame && other.doubled.length === 0 && one.failed.length === 0;
    if (!isRight) wrong++;
    console.log(
      `${isRight ? "same " : "WRONG"}  ${name}: "${other.title}", ${copied} files, ${postProcessed} copies, ` +
        `${other.hashed} hashed requests, ${kinds.length} warnings`,
    );
    if (!isRight) console.log(one, other);
  } catch (error) {
    wrong++;
    console.log(`WRONG  ${name}: ${error}`);
  }
}
console.log(`${seen - wrong} of ${seen} trees are the same`);
Deno.exitCode = wrong > 0 ? 1 : 0;
