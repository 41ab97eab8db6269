//! One run of a server.

use serde::{Deserialize, Deserializer, Serialize};

use crate::subject::{Mode, Surface};

/// A server began or ended. A session that was killed has no end.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Session {
    pub phase: Phase,
    pub surface: Surface,
    pub mode: Mode,
    pub client: Client,
    /// The first number of the client's version.
    pub client_major: Option<u32>,
    /// Of this build.
    pub server_version: ServerVersion,
    /// At the end: how many changes were looked at.
    pub n_changes: Option<u64>,
    /// At the end: microseconds from a change to its alerts, which 99 of 100 changes did not exceed.
    pub latency_p99_us: Option<u64>,
    /// By which clock its events are timed. The [`Recorder`](crate::Recorder) fills it in.
    #[serde(default)]
    pub clock: ClockSource,
}

/// Where a session's time comes from.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockSource {
    #[default]
    System,
    /// `FIXLOOP_NOW` said what time it is: a story or a test.
    Set,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Started,
    Ended,
}

impl Session {
    pub fn started(surface: Surface, mode: Mode, client: Client, version: Option<&str>) -> Self {
        Self {
            phase: Phase::Started,
            surface,
            mode,
            client,
            client_major: version.and_then(major),
            server_version: ServerVersion::THIS,
            n_changes: None,
            latency_p99_us: None,
            clock: ClockSource::System,
        }
    }

    /// The end of the session that `self` began.
    #[must_use]
    pub fn ended(&self, n_changes: u64, latency_p99_us: Option<u64>) -> Self {
        let n_changes = Some(n_changes);
        Self { phase: Phase::Ended, n_changes, latency_p99_us, ..self.clone() }
    }
}

fn major(version: &str) -> Option<u32> {
    let digits = version.trim_start_matches('v').split(|it: char| !it.is_ascii_digit()).next();
    digits.filter(|it| it.len() <= 4).and_then(|it| it.parse().ok())
}

/// A known editor or agent, or `other`: a client may call itself by anything.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
pub struct Client(&'static str);

/// The names that clients give themselves (`clientInfo.name` of LSP and MCP), in lower case, and ours.
const CLIENTS: &[(&str, &str)] = &[
    ("code-server", "vscode"),
    ("visual studio code", "vscode"),
    ("visual studio code - insiders", "vscode"),
    ("vscode", "vscode"),
    ("vscodium", "vscodium"),
    ("cursor", "cursor"),
    ("windsurf", "windsurf"),
    ("neovim", "neovim"),
    ("vim", "vim"),
    ("helix", "helix"),
    ("emacs", "emacs"),
    ("eglot", "emacs"),
    ("gnu emacs", "emacs"),
    ("zed", "zed"),
    ("kate", "kate"),
    ("sublime text lsp", "sublime"),
    ("intellij idea", "jetbrains"),
    ("jetbrains", "jetbrains"),
    ("claude-code", "claude-code"),
    ("claude-ai", "claude-ai"),
    ("mcp-inspector", "mcp-inspector"),
];

impl Client {
    pub const OTHER: Self = Self("other");

    pub fn of(name: &str) -> Self {
        let name = name.trim();
        let is_known = |(theirs, ours): &&(&str, &str)| {
            name.eq_ignore_ascii_case(theirs) || name.eq_ignore_ascii_case(ours)
        };
        CLIENTS.iter().find(is_known).map_or(Self::OTHER, |(_, ours)| Self(ours))
    }

    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl<'de> Deserialize<'de> for Client {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|it| Self::of(&it))
    }
}

/// Major, minor and patch of a version of fixloop.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServerVersion([u32; 3]);

impl ServerVersion {
    const THIS: Self = Self([
        number(env!("CARGO_PKG_VERSION_MAJOR")),
        number(env!("CARGO_PKG_VERSION_MINOR")),
        number(env!("CARGO_PKG_VERSION_PATCH")),
    ]);
}

/// What Cargo gives are decimal digits only.
const fn number(digits: &str) -> u32 {
    match u32::from_str_radix(digits, 10) {
        Ok(number) => number,
        Err(_) => 0,
    }
}

impl From<ServerVersion> for String {
    fn from(ServerVersion([major, minor, patch]): ServerVersion) -> Self {
        format!("{major}.{minor}.{patch}")
    }
}

impl TryFrom<String> for ServerVersion {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let numbers: Option<Vec<u32>> = text.split('.').map(|it| it.parse().ok()).collect();
        let numbers = numbers.and_then(|it| <[u32; 3]>::try_from(it).ok());
        numbers.map(Self).ok_or("expected three numbers")
    }
}
