// Finds the server program and asks whether it is one. Knows nothing of VS Code, so that it is tested without it.

import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import * as path from "node:path";

export type Origin = "setting" | "bundled" | "PATH";

export interface Server {
  readonly path: string;
  readonly origin: Origin;
  readonly version: string;
}

/** Why there is no server to start; `text` is for a person, `place` says where they can act. */
export interface NoServer {
  readonly text: string;
  readonly place: "setting" | "installation";
}

export interface Places {
  /** `fixloop.path`, empty if not set. */
  readonly setting: string;
  /** The folder of the extension. */
  readonly extension: string;
  /** The value of `PATH`. */
  readonly searchPath: string;
  readonly platform: NodeJS.Platform;
}

/** The first of setting, bundle and PATH. A setting that names no program is an error, never passed over. */
export async function locate(places: Places): Promise<Omit<Server, "version"> | NoServer> {
  const { setting } = places;
  if (setting !== "") {
    if (!path.isAbsolute(setting)) {
      return { text: `fixloop.path is not an absolute path: ${setting}`, place: "setting" };
    }
    return (await isProgram(setting))
      ? { path: setting, origin: "setting" }
      : { text: `fixloop.path names no program: ${setting}`, place: "setting" };
  }
  const name = places.platform === "win32" ? "fixloop.exe" : "fixloop";
  const bundled = path.join(places.extension, "server", name);
  if (await isProgram(bundled)) {
    return { path: bundled, origin: "bundled" };
  }
  for (const folder of places.searchPath.split(path.delimiter)) {
    // A relative entry would depend on the working directory, and so on what a workspace holds.
    if (path.isAbsolute(folder) && (await isProgram(path.join(folder, name)))) {
      return { path: path.join(folder, name), origin: "PATH" };
    }
  }
  return {
    text: "The fixloop program was not found. Put it on PATH, or set fixloop.path.",
    place: "installation",
  };
}

/** {@link locate}, and the program's own word that it is fixloop and has a language server. */
export async function findServer(places: Places): Promise<Server | NoServer> {
  const found = await locate(places);
  if ("text" in found) {
    return found;
  }
  const place = found.origin === "setting" ? "setting" : "installation";
  const answer = await run(found.path, ["--version"]);
  const version = /^fixloop (\d+\.\d+\.\d+\S*)/.exec(answer.stdout)?.[1];
  if (version === undefined) {
    return { text: `${found.path} does not answer as fixloop: ${answer.problem}`, place };
  }
  if (!(await run(found.path, ["lsp", "--help"])).ok) {
    return {
      text: `fixloop ${version} (${found.path}) is too old: it has no language server. Install a newer one.`,
      place,
    };
  }
  return { ...found, version };
}

export interface Answer {
  readonly ok: boolean;
  readonly stdout: string;
  /** One line for a person, from the error output or the failure itself. */
  readonly problem: string;
}

/** Runs a program without a shell, for at most 10 seconds and 16 MiB of output; never fails. */
export function run(program: string, args: readonly string[]): Promise<Answer> {
  return new Promise((resolve) => {
    const limits = { timeout: 10_000, maxBuffer: 16 * 1024 * 1024, windowsHide: true };
    execFile(program, [...args], limits, (error, stdout, stderr) => {
      const said = stderr.trim().split("\n")[0] ?? "";
      const problem = said !== "" ? said : (error?.message.split("\n")[0] ?? "no version");
      resolve({ ok: error === null, stdout, problem });
    });
  });
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
