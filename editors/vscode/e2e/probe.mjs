// A second extension that writes down what VS Code's own interface tells: texts and diagnostics with their times.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { createVSIX } from "@vscode/vsce";

import { until } from "./workbench.mjs";

const MANIFEST = {
  name: "probe",
  publisher: "fixloop-e2e",
  version: "0.0.1",
  engines: { vscode: "^1.91.0" },
  main: "./extension.js",
  files: ["extension.js"],
  activationEvents: ["onStartupFinished"],
  extensionKind: ["workspace"],
  capabilities: { untrustedWorkspaces: { supported: true } },
};

// Runs inside the extension host, so it is a text here.
const SOURCE = `
const fs = require("node:fs");
const vscode = require("vscode");
const log = process.env.FIXLOOP_PROBE_LOG;
function write(event) {
  fs.appendFileSync(log, JSON.stringify({ at: Date.now(), ...event }) + "\\n");
}
function severity(value) {
  return ["error", "warning", "information", "hint"][value];
}
function diagnosticsOf(uri) {
  return vscode.languages.getDiagnostics(uri).filter((it) => it.source === "fixloop").map((it) => ({
    message: it.message,
    severity: severity(it.severity),
    code: typeof it.code === "object" ? it.code.value : it.code,
    link: typeof it.code === "object" ? it.code.target.toString(true) : null,
    line: it.range.start.line,
    from: it.range.start.character,
    to: it.range.end.character,
  }));
}
exports.activate = (context) => {
  const telemetry = () => write({ kind: "telemetry", enabled: vscode.env.isTelemetryEnabled });
  telemetry();
  write({ kind: "ready", trusted: vscode.workspace.isTrusted, vscode: vscode.version });
  context.subscriptions.push(
    vscode.env.onDidChangeTelemetryEnabled(telemetry),
    vscode.workspace.onDidChangeTextDocument((it) => {
      if (it.document.uri.scheme === "file" && it.contentChanges.length > 0) {
        write({ kind: "text", file: it.document.uri.path, text: it.document.getText() });
      }
    }),
    vscode.languages.onDidChangeDiagnostics((it) => {
      for (const uri of it.uris) {
        if (uri.scheme === "file") {
          write({ kind: "diagnostics", file: uri.path, found: diagnosticsOf(uri) });
        }
      }
    }),
  );
};
`;

export class Probe {
  constructor(server, work) {
    this.log = path.join(work, "probe.jsonl");
    server.env.FIXLOOP_PROBE_LOG = this.log;
    this.folder = path.join(work, "probe");
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(path.join(this.folder, "package.json"), JSON.stringify(MANIFEST));
    writeFileSync(path.join(this.folder, "extension.js"), SOURCE);
  }

  async package() {
    const packagePath = `${this.folder}.vsix`;
    const rest = { dependencies: false, allowMissingRepository: true, skipLicense: true };
    await createVSIX({ cwd: this.folder, packagePath, ...rest });
    return packagePath;
  }

  events() {
    if (!existsSync(this.log)) {
      return [];
    }
    return readFileSync(this.log, "utf8").split("\n").filter((it) => it !== "").map((it) => JSON.parse(it));
  }

  ready() {
    return until("the probe extension runs", () => this.events().find((it) => it.kind === "ready"));
  }

  telemetry(enabled) {
    return until(`the editor's own telemetry is ${enabled ? "on" : "off"}`, () =>
      this.events().findLast((it) => it.kind === "telemetry")?.enabled === enabled,
    );
  }

  latest(kind, file) {
    return this.events().findLast((it) => it.kind === kind && it.file === file);
  }

  /** Waits until the diagnostics of a file satisfy `condition`; tells them. */
  diagnostics(what, file, condition) {
    return until(`diagnostics of ${path.basename(file)}: ${what}`, () => {
      const found = this.latest("diagnostics", file)?.found ?? [];
      return condition(found) ? found : undefined;
    });
  }

  text(what, file, condition) {
    return until(`text of ${path.basename(file)}: ${what}`, () => {
      const text = this.latest("text", file)?.text ?? "";
      return condition(text) ? text : undefined;
    });
  }
}
