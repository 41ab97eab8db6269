// What the status bar says. Knows nothing of VS Code, so that it is tested without it.

/** `fixloop/status`, sent by the server after each change; `uri` is null for the whole workspace. */
export interface Status {
  readonly uri: string | null;
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

/** The counts of the file in front, else of all files told about. */
export class Counts {
  private readonly byFile = new Map<string, Status>();
  private last: Status | undefined;

  add(status: Status): void {
    this.last = status;
    this.byFile.set(status.uri ?? "", status);
  }

  clear(): void {
    this.byFile.clear();
    this.last = undefined;
  }

  view(state: State, uri: string | undefined): View {
    if (state.kind === "failed") {
      return { text: "$(warning) fixloop", tooltip: state.reason, level: "warning" };
    }
    if (state.kind !== "running") {
      const tooltip = state.kind === "off" ? "Waiting for a file with dependencies" : "Starting the server";
      return { text: "$(shield) fixloop", tooltip, level: "none" };
    }
    const here = uri === undefined ? undefined : this.byFile.get(uri);
    const total = here ?? this.byFile.get("") ?? this.sum();
    const lines = [
      `${here === undefined ? "All files" : "This file"}: ${counts(total)}`,
      indexLine(state.index, this.last?.index_as_of ?? null),
      `Server: ${state.server}`,
    ];
    if (state.mode === "observe") {
      lines.push("Mode observe: findings are recorded locally and not shown");
    }
    if (this.last?.message) {
      lines.push(this.last.message);
    }
    const level = total.n_critical > 0 ? "error" : "none";
    return { text: label(total), tooltip: lines.join("\n\n"), level };
  }

  private sum(): Tally {
    const total = { n_findings: 0, n_critical: 0, n_unknown: 0 };
    for (const it of this.byFile.values()) {
      total.n_findings += it.n_findings;
      total.n_critical += it.n_critical;
      total.n_unknown += it.n_unknown;
    }
    return total;
  }
}

type Tally = Pick<Status, "n_findings" | "n_critical" | "n_unknown">;

function label(total: Tally): string {
  const unknown = total.n_unknown > 0 ? ` $(question) ${total.n_unknown}` : "";
  return `$(shield) ${total.n_findings}${unknown}`;
}

function counts(total: Tally): string {
  const findings = total.n_findings === 1 ? "1 finding" : `${total.n_findings} findings`;
  const critical = total.n_critical > 0 ? `, ${total.n_critical} critical` : "";
  const unknown = total.n_unknown > 0 ? `, ${total.n_unknown} not decided` : "";
  return findings + critical + unknown;
}

function indexLine(index: string, asOf: string | null): string {
  const name = index === "" ? "the default one" : index;
  return asOf === null ? `Advisories: ${name}, day unknown` : `Advisories: ${name}, as of ${asOf}`;
}
