// The commands: three for everyone, and two that the server's code actions start when words are needed.

import { Uri, commands, window, workspace } from "vscode";
import { ExecuteCommandRequest } from "vscode-languageclient/node";
import type { LanguageClient } from "vscode-languageclient/node";

import { run } from "./bootstrap";
import { dayProblem, daysAfter } from "./days";

/** What an action of the server says about the finding; handed back to it as it came. */
type Subject = Readonly<Record<string, unknown>>;

const DEFAULT_DAYS = 90;

const SCHEME = "fixloop-telemetry";

/** Opens all that is in the local spool, as the program itself prints it; a document that nobody is asked to save. */
export async function showTelemetry(program: string): Promise<void> {
  const answer = await run(program, ["telemetry", "show", "--format", "json"]);
  if (!answer.ok) {
    void window.showErrorMessage(`fixloop telemetry show: ${answer.problem}`);
    return;
  }
  const provider = workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: () => answer.stdout,
  });
  // A new address each time: an editor that is still open keeps the content of its own.
  const document = await workspace.openTextDocument(Uri.parse(`${SCHEME}:recorded.json?${Date.now()}`));
  provider.dispose();
  await window.showTextDocument(document, { preview: true });
}

export async function showFindings(): Promise<void> {
  await commands.executeCommand("workbench.actions.view.problems");
}

export async function addException(client: LanguageClient, subject: Subject): Promise<void> {
  const title = `Exception for ${String(subject["id"] ?? subject["package"])}`;
  const required = (what: string) => (text: string) => (text.trim() === "" ? what : undefined);
  const reason = await window.showInputBox({
    title: `${title} (1/3)`,
    prompt: "Why is this acceptable? It is written to fixloop.toml, for everyone to read.",
    validateInput: required("An exception needs a reason"),
    ignoreFocusOut: true,
  });
  if (reason === undefined) {
    return;
  }
  const owner = await window.showInputBox({
    title: `${title} (2/3)`,
    prompt: "Who answers for it? A team or a person.",
    validateInput: required("An exception needs an owner"),
    ignoreFocusOut: true,
  });
  if (owner === undefined) {
    return;
  }
  const expires = await window.showInputBox({
    title: `${title} (3/3)`,
    prompt: "The last day on which it holds.",
    value: daysAfter(new Date(), DEFAULT_DAYS),
    validateInput: (text) => dayProblem(text, new Date()),
    ignoreFocusOut: true,
  });
  if (expires !== undefined) {
    await ask(client, "fixloop.server.addException", { ...subject, reason: reason.trim(), owner: owner.trim(), expires });
  }
}

export async function notUseful(client: LanguageClient, subject: Subject): Promise<void> {
  const choices = [
    { label: "It is wrong", detail: "This version is not affected, or the fix is not one", reason: "wrong" },
    { label: "It is not mine", detail: "Somebody else decides this version", reason: "not_mine" },
    { label: "I cannot now", detail: "Right, but not the moment", reason: "cannot_now" },
  ];
  const choice = await window.showQuickPick(choices, { title: "Not useful here" });
  if (choice === undefined) {
    return;
  }
  const comment = await window.showInputBox({
    title: "Not useful here",
    prompt: "One sentence, if you like. Do not write names or secrets. Empty: none.",
  });
  if (comment === undefined) {
    return;
  }
  const said = comment.trim() === "" ? {} : { comment: comment.trim() };
  await ask(client, "fixloop.server.notUseful", { ...subject, reason: choice.reason, ...said });
}

async function ask(client: LanguageClient, command: string, subject: Subject): Promise<void> {
  try {
    await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [subject] });
  } catch (error) {
    // The server has shown the message where it is seen; here it is kept for the output channel.
    client.error(`${command} failed`, error, false);
  }
}

/** Says what is wrong once, with the way to where it can be put right. */
export async function explain(text: string, place: "setting" | "installation"): Promise<void> {
  const settings = "Open Settings";
  const how = "How to Install";
  const choice = await window.showErrorMessage(`fixloop: ${text}`, ...(place === "setting" ? [settings] : [how, settings]));
  if (choice === settings) {
    await commands.executeCommand("workbench.action.openSettings", "fixloop.path");
  } else if (choice === how) {
    // The extension's own page, whose text says how.
    await commands.executeCommand("extension.open", "fixloop.fixloop");
  }
}
