// VS Code in a browser: starts code-server and Chromium, and does by keyboard and mouse what a person does.

import { execFile, spawn } from "node:child_process";
import { mkdirSync, openSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

const SETTINGS = {
  // No question about trust: the workspace stays untrusted, and fixloop has to work there.
  "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.banner": "never",
  "workbench.startupEditor": "none",
  "workbench.colorTheme": "Default Light Modern",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "editor.minimap.enabled": false,
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
  "editor.fontSize": 15,
  "editor.hover.above": false,
  "editor.scrollBeyondLastLine": false,
  "editor.stickyScroll.enabled": false,
  "json.schemaDownload.enable": false,
  "npm.fetchOnlinePackageInfo": false,
  "extensions.autoCheckUpdates": false,
};

export const VIEWPORT = { width: 940, height: 600 };
export const DEADLINE = 30_000;
export const STATUS_ITEM = '.statusbar-item[id="fixloop.fixloop.fixloop"]';
export const SQUIGGLE = ".squiggly-error, .squiggly-warning";

/** Code-server's command line with folders of its own, and an environment in which only `bin` has fixloop. */
export function codeServer({ kit, work, bin }) {
  const home = path.join(work, "home");
  mkdirSync(home, { recursive: true });
  // The extension host takes PATH from a login shell.
  writeFileSync(path.join(home, ".profile"), `export PATH="${bin}:$PATH"\n`);
  return {
    program: process.execPath,
    args: [
      path.join(kit, "node_modules/code-server/out/node/entry.js"),
      ...["--user-data-dir", path.join(work, "user"), "--extensions-dir", path.join(work, "extensions")],
      ...["--config", path.join(work, "config.yaml")],
    ],
    env: {
      HOME: home,
      XDG_STATE_HOME: path.join(home, "state"),
      XDG_DATA_HOME: path.join(home, "data"),
      XDG_CONFIG_HOME: path.join(home, "config"),
      XDG_CACHE_HOME: path.join(home, "cache"),
      PATH: `${bin}:/usr/bin:/bin`,
      SHELL: "/bin/sh",
    },
    user: path.join(work, "user"),
    log: path.join(work, "code-server.log"),
  };
}

/** `machine` are the settings of scope machine: in a browser's workbench those are the server's own. */
export function writeSettings(server, machine = {}, user = {}) {
  for (const [folder, settings] of [["User", { ...SETTINGS, ...user }], ["Machine", machine]]) {
    mkdirSync(path.join(server.user, folder), { recursive: true });
    writeFileSync(path.join(server.user, folder, "settings.json"), JSON.stringify(settings, null, 2));
  }
}

export async function run(server, ...args) {
  const { stdout } = await promisify(execFile)(server.program, [...server.args, ...args], { env: server.env });
  return stdout.trim();
}

/** The workbench with `folder` open, and how long it took until it could be used. */
export async function open(server, { kit, chromium, folder }) {
  const port = await freePort();
  const log = openSync(server.log, "a");
  const flags = ["--auth", "none", "--disable-telemetry", "--disable-update-check", "--bind-addr", `127.0.0.1:${port}`];
  const child = spawn(server.program, [...server.args, ...flags], { env: server.env, stdio: ["ignore", log, log] });
  const origin = `http://127.0.0.1:${port}`;
  await until("code-server answers", () => fetch(`${origin}/healthz`).then((it) => it.ok, () => false));

  const puppeteer = await load(kit, "puppeteer-core");
  const browser = await puppeteer.launch({
    executablePath: chromium,
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
    defaultViewport: VIEWPORT,
    env: server.env,
  });
  const page = (await browser.pages())[0] ?? (await browser.newPage());
  page.setDefaultTimeout(DEADLINE);
  const start = performance.now();
  await page.goto(`${origin}/?folder=${encodeURIComponent(folder)}`);
  await page.waitForSelector(".monaco-workbench .statusbar");
  const seconds = (performance.now() - start) / 1000;
  const close = async () => {
    await browser.close();
    child.kill();
  };
  return { workbench: new Workbench(page), seconds, close, browser: await browser.version() };
}

export class Workbench {
  constructor(page) {
    this.page = page;
    this.keyboard = page.keyboard;
  }

  /** Presses keys at once, as in `Control+KeyP`. */
  async chord(keys) {
    const all = keys.split("+");
    for (const key of all) {
      await this.keyboard.down(key);
    }
    for (const key of all.reverse()) {
      await this.keyboard.up(key);
    }
  }

  async openFile(name) {
    await this.pick("Control+KeyP", name);
    await this.page.waitForSelector(`.tab.active[data-resource-name="${name}"]`);
    await this.page.waitForSelector(".monaco-editor.focused .view-line");
  }

  command(title) {
    return this.pick("F1", title);
  }

  async pick(keys, text) {
    await this.chord(keys);
    await this.page.waitForSelector(".quick-input-widget input");
    await this.keyboard.type(text);
    await this.page.waitForFunction(
      (wanted) =>
        document.querySelector(".quick-input-list .monaco-list-row.focused")?.textContent.includes(wanted.split(": ").at(-1)),
      {},
      text,
    );
    await this.keyboard.press("Enter");
  }

  /** Puts the cursor to a line and column, both from 1. */
  async goTo(line, column) {
    await this.chord("Control+KeyG");
    await this.page.waitForSelector(".quick-input-widget input");
    await this.keyboard.type(`${line}:${column}`);
    await this.keyboard.press("Enter");
    await this.page.waitForSelector(".monaco-editor.focused");
  }

  squiggles() {
    return this.page.$$eval(SQUIGGLE, (all) => all.length);
  }

  squiggle() {
    return this.page.waitForSelector(SQUIGGLE);
  }

  noSquiggle() {
    return this.page.waitForFunction((it) => document.querySelector(it) === null, {}, SQUIGGLE);
  }

  /** Rests the pointer on what `selector` names until a hover with `wanted` is there; tells its text. */
  async hover(selector, wanted) {
    return until(`a hover with \`${wanted}\``, async () => {
      // Lines are drawn anew at any time, so the place is looked up each time.
      const box = await this.page.$$eval(selector, (all) => all[0]?.getBoundingClientRect().toJSON());
      if (box !== undefined) {
        await this.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 3 });
      }
      await sleep(400);
      const texts = await this.page.$$eval(".monaco-hover:not(.hidden)", (all) => all.map((it) => it.innerText));
      return texts.find((it) => it.includes(wanted));
    });
  }

  async awayWithThePointer() {
    await this.page.mouse.move(700, 540, { steps: 2 });
    await this.keyboard.press("Escape");
    await this.page.waitForFunction(() => document.querySelector(".monaco-hover:not(.hidden)") === null);
  }

  /** Opens the quick fixes at the cursor and tells their titles. */
  async quickFixes() {
    // Asked again on a busy machine, where the key can come before the editor has the focus.
    await until("quick fixes are offered", async () => {
      await this.chord("Control+Period");
      const options = { timeout: 3000 };
      return this.page.waitForSelector(".action-widget .monaco-list-row.action", options).then(() => true, () => false);
    });
    return this.page.$$eval(".action-widget .monaco-list-row.action", (all) => all.map((it) => it.innerText.trim()));
  }

  async choose(title) {
    const rows = await this.page.$$(".action-widget .monaco-list-row.action");
    for (const row of rows) {
      if ((await row.evaluate((it) => it.innerText.trim())) === title) {
        await row.click();
        return;
      }
    }
    throw new Error(`no quick fix \`${title}\``);
  }

  /** Answers an input box whose prompt or title has `text`. */
  async answer(text, words) {
    await this.page.waitForFunction(
      (wanted) => document.querySelector(".quick-input-widget:not([style*='display: none'])")?.innerText.includes(wanted),
      {},
      text,
    );
    if (words !== null) {
      await this.keyboard.type(words);
    }
    await this.keyboard.press("Enter");
  }

  async statusText() {
    await this.page.waitForSelector(STATUS_ITEM);
    return this.page.$eval(STATUS_ITEM, (it) => it.innerText.trim());
  }

  notification(text) {
    return this.page.waitForFunction(
      (wanted) => [...document.querySelectorAll(".notification-toast")].some((it) => it.innerText.includes(wanted)),
      {},
      text,
    );
  }
}

export async function until(what, condition, deadline = DEADLINE) {
  const end = performance.now() + deadline;
  while (performance.now() < end) {
    const result = await condition();
    if (result) {
      return result;
    }
    await sleep(20);
  }
  throw new Error(`not within ${deadline / 1000} s: ${what}`);
}

async function load(kit, name) {
  const require = createRequire(path.join(kit, "package.json"));
  const module = await import(pathToFileURL(require.resolve(name)).href);
  return module.default;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
