// What the settings say to the server. Knows nothing of VS Code, so that it is tested without it.

export interface Settings {
  readonly index: string;
  readonly mode: string;
  readonly telemetry: boolean;
  readonly inlayHints: boolean;
}

/** The server's `initializationOptions`; what is not set is left out, so that the server's default holds. */
export interface ServerOptions {
  readonly index?: string;
  readonly mode: "alert" | "observe";
  readonly telemetry: boolean;
  readonly inlayHints: boolean;
  /** We ask for the words of an exception or of an opinion ourselves. */
  readonly clientCommands: true;
}

/** `editorAllows` is the editor's own telemetry setting: ours can only say less. */
export function serverOptions(settings: Settings, editorAllows: boolean): ServerOptions {
  return {
    ...(settings.index === "" ? {} : { index: settings.index }),
    mode: settings.mode === "observe" ? "observe" : "alert",
    telemetry: settings.telemetry && editorAllows,
    inlayHints: settings.inlayHints,
    clientCommands: true,
  };
}

/** The files that fixloop reads, as globs; docs/formats.md says what is read in each. */
export const PATTERNS: readonly string[] = [
  "**/Cargo.{toml,lock}",
  "**/{package,package-lock,npm-shrinkwrap,composer,packages.lock}.json",
  "**/{yarn,composer,poetry,uv,pdm,mix,pubspec}.lock",
  "**/pnpm-lock.yaml",
  "**/{pyproject,pylock,pylock.*}.toml",
  "**/*requirements*.txt",
  "**/requirements/*.txt",
  "**/{Pipfile,Pipfile.lock,Gemfile,Gemfile.lock,gems.rb,gems.locked}",
  "**/go.mod",
  "**/pom.xml",
  "**/*.versions.toml",
  "**/{gradle,buildscript-gradle}.lockfile",
  "**/dependency-locks/*.lockfile",
  "**/packages.config",
  "**/*.{csproj,vbproj,fsproj}",
  "**/Directory.{Packages,Build}.props",
  "**/.github/workflows/*.{yml,yaml}",
  "**/action.{yml,yaml}",
  "**/{bom,sbom,*.bom,*.sbom,*.cdx,*cyclonedx*}.json",
];

/** Files of other formats that an organization's build rules may be about: where packages come from, and what builds run. */
export const RULE_PATTERNS: readonly string[] = [
  "**/{pip.conf,pip.ini,uv.toml,.npmrc,.yarnrc,.yarnrc.yml,bunfig.toml,.condarc}",
  "**/{nuget,NuGet}.{config,Config}",
  "**/{settings.xml,settings.gradle,settings.gradle.kts,build.gradle,build.gradle.kts}",
  "**/{Dockerfile,Dockerfile.*,*.dockerfile,Containerfile}",
  "**/.cargo/config.toml",
  "**/{.gitlab-ci,azure-pipelines}.{yml,yaml}",
];

/** Languages in which those files open; a single file opened without a folder activates us through these. */
export const LANGUAGES: readonly string[] = [
  "go.mod",
  "json",
  "jsonc",
  "pip-requirements",
  "plaintext",
  "ruby",
  "toml",
  "xml",
  "yaml",
];
