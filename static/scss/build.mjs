// Builds static/dist: the stylesheet, the sprite of the icons used, and the few library files the pages load.
import { mkdirSync, readFileSync, watch, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const dist = join(root, "static", "dist");
const modules = join(root, "node_modules");

const vendor = [
  "htmx.org/dist/htmx.min.js",
  "echarts/dist/echarts.min.js",
  "signature_pad/dist/signature_pad.umd.min.js",
];

function styles() {
  const { css } = sass.compile(join(here, "app.scss"), {
    style: "compressed",
    loadPaths: [modules],
    quietDeps: true,
    // Bootstrap 5 itself still imports the old way.
    silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
  });
  writeFileSync(join(dist, "app.css"), css);
  console.log(`app.css ${(gzipSync(css).length / 1000).toFixed(1)} kB gzipped`);
}

function sprite() {
  const names = readFileSync(join(root, "static", "icons.txt"), "utf8").split("\n").map((line) => line.trim()).filter(Boolean);
  const symbols = names.map((name) => {
    const svg = readFileSync(join(modules, "bootstrap-icons", "icons", `${name}.svg`), "utf8");
    const [, viewBox] = svg.match(/viewBox="([^"]+)"/);
    const body = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s*\n\s*/g, "");
    return `<symbol id="${name}" viewBox="${viewBox}" fill="currentColor">${body}</symbol>`;
  });
  writeFileSync(join(dist, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`);
  console.log(`icons.svg ${names.length} icons`);
}

function libraries() {
  for (const file of vendor) {
    // The source maps are not shipped, and a manifest storage refuses a name it cannot find.
    const text = readFileSync(join(modules, file), "utf8").replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");
    writeFileSync(join(dist, "vendor", file.split("/").pop()), text);
  };
}

function build() {
  mkdirSync(join(dist, "vendor"), { recursive: true });
  styles();
  sprite();
  libraries();
}

build();
if (process.argv.includes("--watch")) {
  const again = (_event, name) => {
    if (!/\.(scss|txt)$/.test(name ?? "")) return;
    try { build(); } catch (error) { console.error(error.message); }
  };
  watch(here, again);
  watch(join(root, "static", "icons.txt"), () => again("", "icons.txt"));
}
