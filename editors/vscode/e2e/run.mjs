// fixloop in a real VS Code: installs the package, types, looks, fixes. Any expectation that fails ends it.
//   node run.mjs --kit DIR --chromium FILE --server FILE --vsix FILE --work DIR --out DIR
// Writes results.json and the pictures into --out. `cargo xtask e2e-vscode` gives all of these.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs, promisify } from "node:util";

import { Probe } from "./probe.mjs";
import { measure } from "./measure.mjs";
import { SQUIGGLE, STATUS_ITEM, VIEWPORT, codeServer, open, run, until, writeSettings } from "./workbench.mjs";

const { values: given } = parseArgs({
  options: Object.fromEntries(["kit", "chromium", "server", "vsix", "work", "out"].map((it) => [it, { type: "string" }])),
});
const PACKAGE_JSON = '{\n  "name": "shop",\n  "version": "1.0.0",\n  "dependencies": {\n    \n  }\n}\n';
const LINE = 5;

const folder = path.join(given.work, "shop");
const bin = path.join(given.work, "bin");
const file = path.join(folder, "package.json");
mkdirSync(folder, { recursive: true });
mkdirSync(bin, { recursive: true });
mkdirSync(given.out, { recursive: true });
symlinkSync(given.server, path.join(bin, "fixloop"));
writeFileSync(file, PACKAGE_JSON);

const results = { steps: [], pictures: [] };
const server = codeServer({ kit: given.kit, work: given.work, bin });
const probe = new Probe(server, given.work);
writeSettings(server);

async function step(name, action) {
  const start = performance.now();
  const fact = await action();
  const ms = Math.round(performance.now() - start);
  results.steps.push({ name, ms, fact: fact ?? "" });
  process.stdout.write(`ok ${results.steps.length} - ${name}${fact ? `: ${fact}` : ""} (${ms} ms)\n`);
}

let session;

async function picture(name, caption, clip) {
  const target = path.join(given.out, `${name}.png`);
  // What moves or fades comes to rest.
  await sleep(600);
  // Within the viewport: a change of its size would close hovers and lists.
  const options = { path: target, captureBeyondViewport: false };
  await session.workbench.page.screenshot(clip === undefined ? options : { ...options, clip });
  results.pictures.push({ file: `${name}.png`, caption });
}

// The editor without the title bar, the side bar and the lower half.
const EDITOR = { x: 48, y: 36, width: 880, height: 360 };
const WITH_TITLE = { x: 48, y: 0, width: 880, height: 300 };

async function install() {
  await run(server, "--install-extension", await probe.package());
  const start = performance.now();
  await run(server, "--install-extension", given.vsix);
  results.installMs = Math.round(performance.now() - start);
  results.codeServer = await run(server, "--version");
  const listed = await run(server, "--list-extensions", "--show-versions");
  assert.match(listed, /^fixloop\.fixloop@/m);
  return listed.split("\n").find((it) => it.startsWith("fixloop.fixloop@"));
}

async function start() {
  session = await open(server, { kit: given.kit, chromium: given.chromium, folder });
  results.chromium = session.browser;
  results.workbenchMs = Math.round(session.seconds * 1000);
  const ready = await probe.ready();
  results.vscode = ready.vscode;
  assert.equal(ready.trusted, false, "the workspace is not trusted, and fixloop has to work in it");
  await session.workbench.statusText();
  return `VS Code ${ready.vscode}, workspace not trusted`;
}

async function openManifest() {
  const { workbench } = session;
  await workbench.chord("Control+KeyB");
  await workbench.openFile("package.json");
  await until("a count in the status bar", async () => /\b0\b/.test(await workbench.statusText()));
}

async function typeDependency() {
  const { workbench } = session;
  await workbench.goTo(LINE, 5);
  const seen = probe.events().length;
  // Slower than VS Code gathers changes, so that each key has its own answer.
  await workbench.keyboard.type('"lodash": "4.17.15"', { delay: 200 });
  await workbench.squiggle();
  const [it, ...more] = await probe.diagnostics("the typed version", file, (all) => all.some((one) => one.message.includes("4.17.15")));
  assert.deepEqual(more, [], "one diagnostic for one dependency");
  assert.equal(written(it).replaceAll('"', ""), "4.17.15");
  assert.match(it.message, /lodash/);
  assert.match(it.message, /4\.17\.21/);
  assert.equal(it.severity, "error");
  assert.ok(it.code && it.link?.startsWith("https://"), "the code is an advisory with a page");
  results.message = it.message;
  results.typed = told(probe.events().slice(seen));
  const first = results.typed.find((one) => one.said.startsWith("error"));
  return `${it.code}; an error since \`${first.text}\``;
}

/** What was told at which state of the line, where it differs from what was told before. */
function told(events) {
  const all = [];
  let text = "";
  for (const event of events) {
    if (event.kind === "text") {
      text = event.text.split("\n")[LINE - 1].trim();
    } else if (event.kind === "diagnostics") {
      const said = event.found.map((it) => `${it.severity}: ${it.message.split("\n")[0]}`).join("; ");
      if (said !== (all.at(-1)?.said ?? "")) {
        all.push({ text, said });
      }
    }
  }
  return all;
}

function written(it) {
  return probe.latest("text", file).text.split("\n")[it.line].slice(it.from, it.to);
}

async function breakElsewhere() {
  const { workbench } = session;
  await workbench.goTo(2, 18);
  const seen = probe.events().length;
  await workbench.keyboard.type('\n"scripts": { "build": ', { delay: 20 });
  await probe.text("half a line", file, (text) => text.includes('"build": '));
  await workbench.squiggle();
  const gaps = probe.events().slice(seen).filter((one) => one.kind === "diagnostics" && one.found.length !== 1);
  assert.deepEqual(gaps, [], "the diagnostic never went away in between");
  await picture("broken", "Half a line was typed elsewhere: the file is no JSON any more, the alert stays.", EDITOR);
  // Deletes the line.
  await workbench.chord("Control+Shift+KeyK");
  await probe.diagnostics("as before", file, (all) => all.length === 1 && all[0].line === LINE - 1);
}

async function hover() {
  const { workbench } = session;
  const text = await workbench.hover(SQUIGGLE, "lodash");
  assert.match(text, /CVE-|GHSA-/);
  await picture("alert", "The alert while typing, with its hover.", { ...EDITOR, height: 460 });
  await workbench.awayWithThePointer();
  return text.split("\n").slice(0, 3).join(" | ").slice(0, 160);
}

async function upgrade() {
  const { workbench } = session;
  await workbench.goTo(LINE, 18);
  const titles = await workbench.quickFixes();
  await picture("fix", "The quick fixes.", EDITOR);
  const title = titles.find((it) => it.includes("4.17.21"));
  assert.ok(title, `an upgrade is offered among ${titles.join(" | ")}`);
  results.titles = titles;
  await workbench.choose(title);
  const text = await probe.text("upgraded", file, (it) => it.includes("4.17.21"));
  assert.equal(text, PACKAGE_JSON.replace("    \n", '    "lodash": "4.17.21"\n'), "nothing else changed");
  await probe.diagnostics("none", file, (all) => all.length === 0);
  await workbench.noSquiggle();
  await picture("fixed", "After the upgrade.", EDITOR);
  return title;
}

async function addException() {
  const { workbench } = session;
  await workbench.openFile("package.json");
  await workbench.choose(await titleOf(/^Accept /));
  await workbench.answer("Why is this acceptable?", "setKey is not called with input");
  await workbench.page.waitForFunction(() => document.querySelector(".quick-input-widget")?.innerText.includes("Who answers"));
  await picture("exception", "An exception asks for its reason, owner and last day.", WITH_TITLE);
  await workbench.answer("Who answers for it?", "team-web");
  await workbench.answer("The last day", null);
  const target = path.join(folder, "fixloop.toml");
  const text = await until("fixloop.toml is written", () => existsSync(target) && readFileSync(target, "utf8"));
  assert.match(text, /\[\[exception\]\]/);
  assert.match(text, /reason = "setKey is not called with input"/);
  assert.match(text, /owner = "team-web"/);
  assert.match(text, /expires = \d{4}-\d\d-\d\d/);
  results.exception = text;
  await probe.diagnostics("none", file, (all) => all.length === 0);
}

async function notUseful() {
  const { workbench } = session;
  await workbench.choose(await titleOf(/not useful/i));
  await workbench.answer("It is wrong", null);
  await workbench.answer("One sentence", "a trial");
  await probe.diagnostics("none", file, (all) => all.length === 0);
}

/** Types a vulnerable version over whatever is there. */
async function makeVulnerable(name, version) {
  const { workbench } = session;
  await workbench.goTo(LINE, 5);
  await workbench.chord("Shift+End");
  // A quote typed over a selection would surround it.
  await workbench.keyboard.press("Delete");
  await workbench.keyboard.type(`"${name}": "${version}"`);
  await probe.diagnostics(name, file, (all) => all.length === 1 && all[0].message.includes(`${name} ${version}`));
}

async function titleOf(pattern) {
  await session.workbench.goTo(LINE, 20);
  const titles = await session.workbench.quickFixes();
  const title = titles.find((it) => pattern.test(it));
  assert.ok(title, `${pattern} is among ${titles.join(" | ")}`);
  return title;
}

async function problemsAndStatus() {
  const { workbench } = session;
  await makeVulnerable("minimist", "1.2.5");
  await workbench.command("fixloop: Show Findings");
  await workbench.page.waitForSelector(".markers-panel .monaco-list-row");
  await picture("problems", "The Problems view.");
  await workbench.chord("Control+KeyJ");
  const tooltip = await workbench.hover(STATUS_ITEM, "Advisories");
  await picture("status", "The status bar with its tooltip.", { x: 0, y: 440, width: 940, height: 160 });
  await workbench.awayWithThePointer();
  return tooltip.replaceAll(/\s*\n\s*/g, " | ");
}

async function telemetry() {
  const { workbench } = session;
  await probe.telemetry(true);
  await workbench.command("fixloop: Show Recorded Telemetry");
  await workbench.page.waitForSelector('.tab.active[data-resource-name="recorded.json"]');
  await picture("telemetry", "What was recorded, in a local file.", EDITOR);
  await workbench.openFile("package.json");
  const { events, spool, ...rest } = await recorded();
  assert.ok(events.length > 0, "alerts were recorded");
  const all = JSON.stringify([events, rest]);
  for (const secret of [given.work, "shop", os.homedir(), os.userInfo().username, os.hostname()]) {
    assert.ok(!new RegExp(`[/"]${RegExp.escape(secret)}[/"]`).test(all), `\`${secret}\` is not recorded`);
  }
  return `${events.length} events`;
}

/** The editor's own telemetry is turned off: ours ends with it. */
async function telemetryOff() {
  const sessions = async () => [...new Set((await recorded()).events.map((it) => it.session))].sort();
  const before = await sessions();
  writeSettings(server, {}, { "telemetry.telemetryLevel": "off" });
  // This build reads the user's settings only when it starts.
  await session.workbench.page.reload();
  await probe.telemetry(false);
  await session.workbench.openFile("package.json");
  await makeVulnerable("json5", "2.2.1");
  await restart();
  assert.deepEqual(await sessions(), before, "no session is recorded any more");
}

async function recorded() {
  const { stdout } = await promisify(execFile)(
    path.join(bin, "fixloop"),
    ["telemetry", "show", "--format", "json"],
    { env: server.env, maxBuffer: 1 << 26 },
  );
  return JSON.parse(stdout);
}

async function restart() {
  const { workbench } = session;
  const seen = probe.events().length;
  await workbench.command("fixloop: Restart Server");
  await until("the alert comes again", () =>
    probe.events().slice(seen).some((one) => one.kind === "diagnostics" && one.found.length === 1),
  );
}

async function killed() {
  const [pid, ...more] = servers();
  assert.ok(pid !== undefined && more.length === 0, "one server runs");
  const seen = probe.events().length;
  process.kill(pid, "SIGKILL");
  await until("the alert comes again", () =>
    probe.events().slice(seen).some((one) => one.kind === "diagnostics" && one.found.length === 1),
  );
  assert.notEqual(servers()[0], pid);
  await until("the count comes again", async () => /\b1\b/.test(await session.workbench.statusText()));
}

/** Process ids of our own servers, by the whole path that only this run has. */
function servers() {
  return readdirSync("/proc").filter((it) => /^\d+$/.test(it)).map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(`${path.join(bin, "fixloop")}\0lsp\0`);
    } catch {
      // It ended meanwhile.
      return false;
    }
  });
}

async function missing() {
  const { workbench } = session;
  writeSettings(server, { "fixloop.path": "/nowhere/fixloop" });
  await workbench.notification("fixloop.path names no program: /nowhere/fixloop");
  await picture("missing", "No program: the message says which setting is wrong, and leads there.");
  await workbench.noSquiggle();
  writeSettings(server);
  await workbench.squiggle();
  await workbench.command("Notifications: Clear All Notifications");
}

async function walkthrough() {
  const { workbench } = session;
  await workbench.command("Welcome: Open Walkthrough");
  await workbench.page.waitForSelector(".quick-input-widget input");
  await workbench.keyboard.type("fixloop");
  await workbench.page.waitForFunction(() =>
    document.querySelector(".quick-input-list .monaco-list-row.focused")?.textContent.includes("fixloop"),
  );
  await workbench.keyboard.press("Enter");
  await workbench.page.setViewport({ width: 1240, height: 720 });
  await workbench.page.waitForFunction(() => document.querySelector(".getting-started-media img")?.naturalWidth > 0);
  await picture("walkthrough", "The walkthrough.", { x: 48, y: 36, width: 1192, height: 684 });
  await workbench.page.setViewport(VIEWPORT);
}

async function latency() {
  await session.workbench.openFile("package.json");
  results.latency = await measure(session.workbench, probe, file, LINE);
  results.load = os.loadavg()[0].toFixed(1);
  results.cores = os.availableParallelism();
  const { appear, clear, host } = results.latency;
  return `appear p50 ${appear.p50} p90 ${appear.p90}, clear p50 ${clear.p50} p90 ${clear.p90}, extension host p50 ${host.p50} p90 ${host.p90}, n = ${appear.n}`;
}

try {
  await step("the package installs", install);
  await step("the workbench opens, untrusted", start);
  await step("package.json opens, nothing is found", openManifest);
  await step("a vulnerable version is typed and underlined", typeDependency);
  await step("half a line elsewhere does not take the alert away", breakElsewhere);
  await step("the hover tells about it", hover);
  await step("the quick fix upgrades, and the squiggle is gone", upgrade);
  await step("keydown to squiggle", latency);
  await step("problems and status bar", problemsAndStatus);
  await step("recorded telemetry is shown", telemetry);
  await step("an opinion is taken, and the alert goes", notUseful);
  await step("the server restarts, and the alert comes again", restart);
  await step("a server that is killed is started anew", killed);
  await step("a missing program is told", missing);
  await step("the walkthrough opens", walkthrough);
  await step("an exception is written, and the alert goes", addException);
  await step("with the editor's telemetry off nothing is recorded", telemetryOff);
  process.stdout.write(`1..${results.steps.length}\n`);
} catch (error) {
  process.exitCode = 1;
  process.stdout.write(`not ok ${results.steps.length + 1} - ${error.stack}\n1..${results.steps.length + 1}\n`);
  if (session !== undefined) {
    await session.workbench.page.screenshot({ path: path.join(given.out, "failure.png") });
  }
  copyFileSync(server.log, path.join(given.out, "code-server.log"));
} finally {
  writeFileSync(path.join(given.out, "results.json"), JSON.stringify(results, null, 2));
  await session?.close();
}
