// What the status bar says. Knows nothing of VS Code, so that it is tested without it.

/** `fixloop/status`, sent by the server after each change: counts over all files that it shows. */
export interface Status {
  readonly n_findings: number;
  readonly n_critical: number;
  readonly n_unknown: number;
  readonly index_as_of: string | null;
  readonly message: string | null;
}

export interface View {
  readonly text: string;
  readonly tooltip: string;
  readonly level: "none" | "warning" | "error";
}

export type State =
  | { readonly kind: "off" | "starting" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "running"; readonly server: string; readonly index: string; readonly mode: string };

export function view(state: State, status: Status | undefined): View {
  if (state.kind === "failed") {
    return { text: "$(warning) fixloop", tooltip: state.reason, level: "warning" };
  }
  if (state.kind !== "running") {
    const tooltip = state.kind === "off" ? "Waiting for a file with dependencies" : "Starting the server";
    return { text: "$(shield) fixloop", tooltip, level: "none" };
  }
  const lines = [
    status === undefined ? "Nothing read yet" : counts(status),
    indexLine(state.index, status?.index_as_of ?? null),
    `Server: ${state.server}`,
  ];
  if (state.mode === "observe") {
    lines.push("Mode observe: findings are recorded locally and not shown");
  }
  if (status?.message) {
    lines.push(status.message);
  }
  const level = status?.message ? "warning" : (status?.n_critical ?? 0) > 0 ? "error" : "none";
  return { text: label(status), tooltip: lines.join("\n\n"), level };
}

function label(status: Status | undefined): string {
  if (status === undefined) {
    return "$(shield) fixloop";
  }
  const unknown = status.n_unknown > 0 ? ` $(question) ${status.n_unknown}` : "";
  return `$(shield) ${status.n_findings}${unknown}`;
}

function counts(status: Status): string {
  const findings = status.n_findings === 1 ? "1 finding" : `${status.n_findings} findings`;
  const critical = status.n_critical > 0 ? `, ${status.n_critical} critical` : "";
  const unknown = status.n_unknown > 0 ? `, ${status.n_unknown} not decided` : "";
  return findings + critical + unknown;
}

function indexLine(index: string, asOf: string | null): string {
  const name = index === "" ? "the default one" : index;
  return asOf === null ? `Advisories: ${name}, day unknown` : `Advisories: ${name}, as of ${asOf}`;
}
