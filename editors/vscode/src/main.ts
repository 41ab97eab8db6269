// Starts the language server beside the editor and shows its counts. All knowledge of packages is in the server.

import * as vscode from "vscode";
import { LanguageClient, State as ClientState } from "vscode-languageclient/node";

import { findServer } from "./bootstrap";
import * as commands from "./commands";
import { PATTERNS, RULE_PATTERNS, serverOptions } from "./config";
import { view } from "./status";
import type { State, Status } from "./status";

const SELECTOR = [...PATTERNS, ...RULE_PATTERNS].map((pattern) => ({ scheme: "file", pattern }));

let extension: Extension | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  extension = new Extension(context);
  await extension.startIfNeeded();
}

export async function deactivate(): Promise<void> {
  await extension?.stop();
}

class Extension {
  private readonly item = vscode.window.createStatusBarItem("fixloop", vscode.StatusBarAlignment.Left);
  private status: Status | undefined;
  private state: State = { kind: "off" };
  private client: LanguageClient | undefined;
  private program: string | undefined;
  /** Starts and stops one after the other: two at once could leave two servers. */
  private queue: Promise<void> = Promise.resolve();

  constructor(private readonly context: vscode.ExtensionContext) {
    const { commands: registry, workspace, env } = vscode;
    this.item.name = "fixloop";
    this.item.command = "fixloop.showFindings";
    context.subscriptions.push(
      this.item,
      registry.registerCommand("fixloop.showFindings", commands.showFindings),
      registry.registerCommand("fixloop.showTelemetry", () => this.showTelemetry()),
      registry.registerCommand("fixloop.restartServer", () => this.restart()),
      registry.registerCommand("fixloop.addException", (it: object) => this.withClient(commands.addException, it)),
      registry.registerCommand("fixloop.notUseful", (it: object) => this.withClient(commands.notUseful, it)),
      workspace.onDidOpenTextDocument((document) => { this.startFor(document); }),
      workspace.onDidChangeConfiguration((change) => { this.configured(change); }),
      env.onDidChangeTelemetryEnabled(() => { this.restartIfRunning(); }),
    );
    this.show();
  }

  /** Starts at once if there is anything to read, else with the first such document. */
  async startIfNeeded(): Promise<void> {
    const open = vscode.workspace.textDocuments.some(isRead);
    if (open || (await vscode.workspace.findFiles(`{${PATTERNS.join(",")}}`, "**/node_modules/**", 1)).length > 0) {
      await this.restart();
    }
  }

  restart(): Promise<void> {
    this.queue = this.queue.then(() => this.stopNow()).then(() => this.startNow());
    return this.queue;
  }

  stop(): Promise<void> {
    this.queue = this.queue.then(() => this.stopNow());
    return this.queue;
  }

  private startFor(document: vscode.TextDocument): void {
    if (this.state.kind === "off" && isRead(document)) {
      this.state = { kind: "starting" };
      void this.restart();
    }
  }

  private configured(change: vscode.ConfigurationChangeEvent): void {
    const read = ["path", "index", "mode", "inlayHints", "telemetry"];
    if (read.some((key) => change.affectsConfiguration(`fixloop.${key}`))) {
      this.restartIfRunning();
    }
  }

  private restartIfRunning(): void {
    if (this.state.kind !== "off") {
      void this.restart();
    }
  }

  private async startNow(): Promise<void> {
    this.enter({ kind: "starting" });
    const settings = vscode.workspace.getConfiguration("fixloop");
    const found = await findServer({
      setting: settings.get("path", ""),
      extension: this.context.extensionPath,
      searchPath: process.env["PATH"] ?? "",
      platform: process.platform,
    });
    if ("text" in found) {
      this.enter({ kind: "failed", reason: found.text });
      void commands.explain(found.text, found.place);
      return;
    }
    this.program = found.path;
    const options = serverOptions(
      {
        index: settings.get("index", ""),
        mode: settings.get("mode", "alert"),
        telemetry: settings.get("telemetry.enabled", false),
        inlayHints: settings.get("inlayHints.enabled", false),
      },
      vscode.env.isTelemetryEnabled,
    );
    const server = `fixloop ${found.version} (${found.origin}: ${found.path})`;
    const running: State = { kind: "running", server, index: options.index ?? "", mode: options.mode };
    const client = this.createClient(found.path, options);
    this.client = client;
    client.onDidChangeState(({ newState }) => {
      if (this.client === client && newState !== ClientState.Starting) {
        this.follow(newState === ClientState.Running, running);
      }
    });
    try {
      await client.start();
    } catch (error) {
      // The client has shown the message already; the status bar keeps it.
      this.enter({ kind: "failed", reason: `The server did not start: ${String(error)}` });
    }
  }

  private createClient(program: string, options: object): LanguageClient {
    const client = new LanguageClient(
      "fixloop",
      "fixloop",
      { command: program, args: ["lsp"] },
      {
        documentSelector: SELECTOR,
        initializationOptions: options,
        diagnosticCollectionName: "fixloop",
      },
    );
    client.onNotification("fixloop/status", (status: Status) => {
      this.status = status;
      this.show();
    });
    return client;
  }

  /** A server that ends by itself is started anew by the client, a few times; old counts are not left standing. */
  private follow(isRunning: boolean, running: State): void {
    if (isRunning) {
      this.enter(running);
    } else {
      this.status = undefined;
      this.enter({ kind: "failed", reason: "The server has ended. fixloop: Restart Server starts it anew." });
    }
  }

  private async stopNow(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    this.status = undefined;
    try {
      if (client?.needsStop()) {
        await client.stop();
      }
      await client?.dispose();
    } catch (error) {
      // It may have ended by itself; the next one starts all the same.
      client?.error("the server did not end in order", error, false);
    }
  }

  private async showTelemetry(): Promise<void> {
    if (this.program === undefined) {
      await this.restart();
    }
    if (this.program !== undefined) {
      await commands.showTelemetry(this.program);
    }
  }

  private async withClient(
    command: (client: LanguageClient, subject: Readonly<Record<string, unknown>>) => Promise<void>,
    subject: object,
  ): Promise<void> {
    if (this.client?.isRunning()) {
      await command(this.client, { ...subject });
    }
  }

  private enter(state: State): void {
    this.state = state;
    this.show();
  }

  private show(): void {
    const { text, tooltip, level } = view(this.state, this.status);
    this.item.text = text;
    this.item.tooltip = tooltip;
    const color = level === "none" ? undefined : `statusBarItem.${level}Background`;
    this.item.backgroundColor = color === undefined ? undefined : new vscode.ThemeColor(color);
    if (this.state.kind === "off") {
      this.item.hide();
    } else {
      this.item.show();
    }
  }
}

function isRead(document: vscode.TextDocument): boolean {
  return vscode.languages.match(SELECTOR, document) > 0;
}
