// Builds the .vsix: `npm run package -- [--server FILE] [--target linux-x64] [--out FILE]`.
// With --server the program is put into the package, which then holds for one platform: name it by --target.

import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

import { createVSIX } from "@vscode/vsce";
import { build } from "esbuild";

const folder = path.dirname(import.meta.dirname);
process.chdir(folder);
const { values } = parseArgs({
  options: { server: { type: "string" }, target: { type: "string" }, out: { type: "string" } },
});
if ((values.server === undefined) !== (values.target === undefined)) {
  throw new Error("--server and --target belong together: a program runs on one platform only");
}

rmSync("dist", { recursive: true, force: true });
rmSync("server", { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: ["src/main.ts"],
  bundle: true,
  external: ["vscode"],
  format: "cjs",
  platform: "node",
  target: "node20",
  minify: true,
  metafile: true,
  outfile: "dist/main.js",
});
writeFileSync("dist/THIRD-PARTY.txt", notices(Object.keys(metafile.inputs)));
for (const license of ["LICENSE-APACHE", "LICENSE-MIT"]) {
  copyFileSync(path.join("../..", license), license);
}
if (values.server !== undefined) {
  const name = values.target.startsWith("win32") ? "fixloop.exe" : "fixloop";
  mkdirSync("server");
  copyFileSync(values.server, path.join("server", name));
  chmodSync(path.join("server", name), 0o755);
}
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const suffix = values.target === undefined ? "" : `-${values.target}`;
const packagePath = values.out ?? `fixloop-${version}${suffix}.vsix`;
await createVSIX({
  packagePath,
  dependencies: false,
  allowMissingRepository: true,
  ...(values.target === undefined ? {} : { target: values.target }),
});

/** The license texts of everything that the bundle holds, as those licenses ask. */
function notices(inputs) {
  const packages = new Set(
    inputs.map((it) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(it)?.[1]).filter((it) => it !== undefined),
  );
  return [...packages].sort().map(notice).join(`\n${"-".repeat(80)}\n\n`);
}

function notice(place) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(place, "package.json"), "utf8"));
  // Some packages of one repository leave the text to their neighbor.
  const own = [place, "node_modules/vscode-languageclient"].filter((it) => existsSync(it));
  for (const candidate of own) {
    const file = readdirSync(candidate).find((it) => /^licen[cs]e/i.test(it));
    if (file !== undefined) {
      return `${name} ${version} (${license})\n\n${readFileSync(path.join(candidate, file), "utf8").trim()}\n`;
    }
  }
  throw new Error(`${name}: no license text`);
}
