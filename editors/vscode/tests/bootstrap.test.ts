import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";

import { findServer, locate, run } from "../src/bootstrap";
import type { Places } from "../src/bootstrap";

const root = mkdtempSync(path.join(tmpdir(), "fixloop-bootstrap-"));
after(() => {
  rmSync(root, { recursive: true });
});

function program(name: string, script: string, mode = 0o755): string {
  const file = path.join(root, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode });
  return file;
}

const good = 'case "$1" in --version) echo "fixloop 1.2.3";; lsp) exit 0;; *) exit 2;; esac';
const bundled = path.dirname(path.dirname(program("extension/server/fixloop", good)));
const onPath = path.dirname(program("bin/fixloop", good));
const without = path.join(root, "nothing");

function places(changes: Partial<Places>): Places {
  return { setting: "", extension: without, searchPath: "", platform: "linux", ...changes };
}

async function check(changes: Partial<Places>, expected: string): Promise<void> {
  const found = await locate(places(changes));
  const said = "text" in found ? `${found.place}: ${found.text}` : `${found.origin}: ${found.path}`;
  assert.equal(said.replaceAll(root, "ROOT"), expected);
}

test("the setting comes first, then the bundle, then PATH", async () => {
  const mine = program("mine", good);
  await check({ setting: mine, extension: bundled, searchPath: onPath }, "setting: ROOT/mine");
  await check({ extension: bundled, searchPath: onPath }, "bundled: ROOT/extension/server/fixloop");
  await check({ searchPath: `${without}${path.delimiter}${onPath}` }, "PATH: ROOT/bin/fixloop");
});

test("a setting that names no program is never passed over", async () => {
  const file = program("plain", good, 0o644);
  const rest = { extension: bundled, searchPath: onPath };
  await check({ setting: file, ...rest }, "setting: fixloop.path names no program: ROOT/plain");
  await check({ setting: root, ...rest }, "setting: fixloop.path names no program: ROOT");
  await check({ setting: "bin/fixloop", ...rest }, "setting: fixloop.path is not an absolute path: bin/fixloop");
});

test("relative entries of PATH are not searched", async () => {
  const relative = path.relative(process.cwd(), onPath);
  const nothing = "installation: The fixloop program was not found. Put it on PATH, or set fixloop.path.";
  await check({ searchPath: relative }, nothing);
  await check({ searchPath: "." }, nothing);
});

test("on Windows the program ends in .exe", async () => {
  program("windows/fixloop.exe", good);
  await check({ searchPath: path.join(root, "windows"), platform: "win32" }, "PATH: ROOT/windows/fixloop.exe");
});

async function checkServer(script: string, expected: string): Promise<void> {
  const found = await findServer(places({ setting: program("asked", script) }));
  const said = "text" in found ? found.text : `${found.version} from ${found.origin}`;
  assert.equal(said.replaceAll(root, "ROOT"), expected);
}

test("the program is asked for its version and its language server", async () => {
  await checkServer(good, "1.2.3 from setting");
  await checkServer(
    'test "$1" = --version && echo "fixloop 0.9.0-rc.1"',
    "fixloop 0.9.0-rc.1 (ROOT/asked) is too old: it has no language server. Install a newer one.",
  );
  await checkServer("echo hello", "ROOT/asked does not answer as fixloop: no version");
  await checkServer("echo broken library >&2; exit 127", "ROOT/asked does not answer as fixloop: broken library");
});

test("arguments reach the program without a shell", async () => {
  const echo = program("echo", 'printf "%s" "$1"');
  assert.equal((await run(echo, ["$(id); `id`"])).stdout, "$(id); `id`");
});
