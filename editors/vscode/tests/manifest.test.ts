// What package.json promises, held against the sources: nothing else would notice that one of them changed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { LANGUAGES, PATTERNS } from "../src/config";

interface Manifest {
  readonly activationEvents: readonly string[];
  readonly contributes: {
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly scope: string; readonly tags?: readonly string[] }>> };
  };
}

// From out/tests to the extension's folder.
const folder = path.join(__dirname, "..", "..");
const manifest = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as Manifest;
const formats = readFileSync(path.join(folder, "../../crates/fixloop-manifest/src/format.rs"), "utf8");

/** Globs as VS Code reads them, as far as ours go: any folder in front, stars within a name, alternatives. */
function matches(file: string): boolean {
  return PATTERNS.some((pattern) => {
    const expression = pattern
      .replace("**/", "")
      .replaceAll(".", "\\.")
      .replaceAll("*", "[^/]*")
      .replace(/\{([^}]*)\}/g, (_, inner: string) => `(${inner.replaceAll(",", "|")})`);
    return new RegExp(`(^|/)${expression}$`).test(file);
  });
}

test("activation events are the patterns and the languages", () => {
  assert.deepEqual(manifest.activationEvents, [
    ...PATTERNS.map((it) => `workspaceContains:${it}`),
    ...LANGUAGES.map((it) => `onLanguage:${it}`),
  ]);
});

test("every file name of the readers is selected", () => {
  const table = /const FILE_NAMES[^=]*= &\[(.*?)\n\];/s.exec(formats)?.[1] ?? "";
  const names = [...table.matchAll(/\("([^"]+)"/g)].map((it) => it[1] ?? "");
  assert.ok(names.length >= 32, `${names.length} names read from format.rs`);
  assert.deepEqual(names.filter((it) => !matches(it)), []);
});

test("every path that the readers' own tests know is selected, and no other", () => {
  const cases = [...formats.matchAll(/check\("([^"]+)", (Some|None)/g)];
  assert.ok(cases.length >= 20, `${cases.length} cases read from format.rs`);
  // Globs tell upper from lower case, and nobody writes the ending so.
  const known = cases.filter((it) => it[1] !== "src/App.VBPROJ");
  assert.deepEqual(known.filter((it) => matches(it[1] ?? "") !== (it[2] === "Some")).map((it) => it[1]), []);
});

test("a workspace can neither choose what is run nor silence alerts nor turn telemetry on", () => {
  const scope = (key: string) => manifest.contributes.configuration.properties[`fixloop.${key}`]?.scope;
  assert.deepEqual(["path", "index", "mode"].map(scope), ["machine", "machine", "machine"]);
  assert.equal(scope("telemetry.enabled"), "application");
  assert.deepEqual(manifest.contributes.configuration.properties["fixloop.telemetry.enabled"]?.tags, ["telemetry"]);
});
