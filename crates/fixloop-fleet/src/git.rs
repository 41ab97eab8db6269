//! Running the git executable: bounded in time, never asking anybody, with the user's own configuration of hosts and credentials.
//!
//! All settings go by environment (`GIT_CONFIG_COUNT`), so that an address with a token stands in no mirror's configuration. Git itself hands
//! the address to its helpers as an argument; a credential helper is the better place for a token.

use std::env;
use std::ffi::OsString;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;

use crate::list::shown;

/// The remote's name, unlike any that a user's configuration has settings for.
pub(crate) const REMOTE: &str = "fixloop";

/// What git says of a failure beyond this is not kept.
const MAX_STDERR_BYTES: u64 = 64 << 10;
const MAX_REASON_CHARS: usize = 400;

/// Settings of every call.
const SETTINGS: &[(&str, &str)] = &[
    ("core.hooksPath", "/dev/null"),
    ("credential.interactive", "false"),
    ("fetch.recurseSubmodules", "false"),
    // One pack per fetch instead of many loose objects.
    ("fetch.unpackLimit", "1"),
    ("fetch.writeCommitGraph", "false"),
    ("gc.auto", "0"),
    ("http.lowSpeedLimit", "1"),
    ("log.showRoot", "true"),
    ("maintenance.auto", "false"),
    ("protocol.ext.allow", "never"),
    ("protocol.file.allow", "always"),
];

/// Variables that would point git elsewhere than at the mirror.
const FOREIGN: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_WORK_TREE",
    "GIT_TRACE",
    "GIT_CURL_VERBOSE",
];

#[derive(Debug, Error)]
pub enum GitError {
    #[error("failed to run `git`: is it installed?")]
    Start(#[source] io::Error),
    #[error("no answer within {0} seconds")]
    TimedOut(u64),
    #[error("{reason}")]
    Failed { command: String, reason: String },
    #[error("failed to read the output of `git {command}`")]
    Output { command: String, source: io::Error },
}

/// The git executable, and how it is to reach hosts by ssh.
#[derive(Clone, Debug)]
pub struct Git {
    ssh_command: Option<OsString>,
}

impl Git {
    /// # Errors
    /// If git cannot be started.
    pub fn find() -> Result<Self, GitError> {
        let mut version = Command::new("git");
        version.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        version.status().map_err(GitError::Start)?;
        // A password asked on the terminal would stop everything; whoever set a program of their own keeps it.
        let mut ssh_command = env::var_os("GIT_SSH_COMMAND");
        if ssh_command.is_none() {
            let mut config = Command::new("git");
            config.args(["config", "--get", "core.sshCommand"]).stdin(Stdio::null());
            let output = config.output().map_err(GitError::Start)?;
            let set = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            if !set.is_empty() {
                ssh_command = Some(set.into());
            } else if env::var_os("GIT_SSH").is_none() {
                ssh_command = Some("ssh".into());
            }
        }
        if let Some(command) = &mut ssh_command {
            command.push(" -oBatchMode=yes");
        }
        Ok(Self { ssh_command })
    }
}

/// What a call prints, as it comes.
pub(crate) type Printed = BufReader<ChildStdout>;

/// How far a call may reach: the remote it may speak to, until when.
#[derive(Clone)]
pub(crate) struct Session<'a> {
    pub(crate) git: &'a Git,
    /// The fleet's folder, in which git runs.
    pub(crate) folder: &'a Path,
    pub(crate) address: &'a str,
    pub(crate) timeout: Duration,
    pub(crate) deadline: Instant,
}

/// The remote as git is to see it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Remote {
    /// None: a call that only reads. What is missing is missing and not fetched.
    None,
    Whole,
    /// The remote is one whose objects need not all be here.
    Partial,
}

impl Session<'_> {
    /// Runs `git ARGUMENTS` and returns what it prints, at most 16 MiB.
    pub(crate) fn text(
        &self,
        directory: Option<&Path>,
        remote: Remote,
        arguments: &[&str],
    ) -> Result<String, GitError> {
        self.run(directory, remote, arguments, Vec::new(), |out| {
            let mut bytes = Vec::new();
            out.take(16 << 20).read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        })
    }

    /// Runs `git ARGUMENTS` with this input; `read` takes the output as it comes, on a thread of its own.
    pub(crate) fn run<T: Send>(
        &self,
        directory: Option<&Path>,
        remote: Remote,
        arguments: &[&str],
        input: Vec<u8>,
        read: impl FnOnce(&mut Printed) -> io::Result<T> + Send,
    ) -> Result<T, GitError> {
        let name = || arguments.first().copied().unwrap_or_default().to_owned();
        let mut child =
            self.command(directory, remote, arguments).spawn().map_err(GitError::Start)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(mut stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(GitError::Start(io::ErrorKind::BrokenPipe.into()));
        };
        let mut is_late = false;
        let (read, stderr, status) = thread::scope(|scope| {
            let (done, ended) = channel();
            // A git that fails does not read its input to the end; its exit code tells.
            scope.spawn(move || stdin.write_all(&input).is_ok());
            let also_done = done.clone();
            let reader = scope.spawn(move || {
                let result = read(&mut BufReader::new(stdout));
                done.send(()).is_ok().then_some(result)
            });
            let errors = scope.spawn(move || {
                let result = read_bounded(stderr);
                also_done.send(()).is_ok().then_some(result)
            });
            for _ in 0..2 {
                let left = self.deadline.saturating_duration_since(Instant::now());
                if ended.recv_timeout(left) == Err(RecvTimeoutError::Timeout) {
                    is_late = true;
                    end(&mut child);
                    break;
                }
            }
            let status = child.wait();
            (reader.join(), errors.join(), status)
        });
        if is_late {
            return Err(GitError::TimedOut(self.timeout.as_secs()));
        }
        let status = status.map_err(GitError::Start)?;
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        let stderr = stderr.ok().flatten().unwrap_or_else(|| Err(gone()));
        if !status.success() {
            let failed = |source| GitError::Output { command: name(), source };
            let reason = reason(&stderr.map_err(failed)?, self.address);
            return Err(GitError::Failed { command: name(), reason });
        }
        let read = read.ok().flatten().unwrap_or_else(|| Err(gone()));
        read.map_err(|source| GitError::Output { command: name(), source })
    }

    fn command(&self, directory: Option<&Path>, remote: Remote, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        if let Some(directory) = directory {
            command.arg("--git-dir").arg(directory);
        }
        command.args(arguments).current_dir(self.folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for name in FOREIGN {
            command.env_remove(name);
        }
        command
            .env("LC_ALL", "C")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ASKPASS", "true")
            .env("SSH_ASKPASS_REQUIRE", "never")
            .env("GCM_INTERACTIVE", "never")
            .env("GIT_PROTOCOL_FROM_USER", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_CEILING_DIRECTORIES", self.folder);
        if let Some(ssh_command) = &self.git.ssh_command {
            command.env("GIT_SSH_COMMAND", ssh_command);
        }
        let seconds = self.timeout.as_secs().max(1).to_string();
        let of_remote = |key: &str| format!("remote.{REMOTE}.{key}");
        let mut settings: Vec<(String, &str)> =
            SETTINGS.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect();
        settings.push(("http.lowSpeedTime".to_owned(), &seconds));
        if remote != Remote::None {
            settings.push((of_remote("url"), self.address));
        }
        if remote == Remote::Partial {
            settings.push((of_remote("promisor"), "true"));
            settings.push((of_remote("partialclonefilter"), "blob:none"));
        }
        // What the user passes the same way stays.
        let n_before = env::var("GIT_CONFIG_COUNT").ok().and_then(|it| it.parse().ok());
        let n_before: usize = n_before.unwrap_or(0);
        command.env("GIT_CONFIG_COUNT", (n_before + settings.len()).to_string());
        for (place, (key, value)) in settings.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{}", n_before + place), key);
            command.env(format!("GIT_CONFIG_VALUE_{}", n_before + place), value);
        }
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            // A group of its own, so that git's helpers end with it.
            command.process_group(0);
        }
        command
    }
}

#[cfg(unix)]
fn end(child: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process_group};

    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    // A group that has ended by itself in this moment is as good.
    if group.is_none_or(|it| kill_process_group(it, Signal::KILL).is_err()) {
        child.kill().unwrap_or_default();
    }
}

#[cfg(not(unix))]
fn end(child: &mut Child) {
    // A child that has ended by itself in this moment is as good.
    child.kill().unwrap_or_default();
}

/// The beginning; the rest is read, so that git can go on, and dropped.
fn read_bounded(mut stderr: impl Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    stderr.by_ref().take(MAX_STDERR_BYTES).read_to_end(&mut bytes)?;
    io::copy(&mut stderr, &mut io::sink())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What git says up to its first fatal line, as one line without credentials.
fn reason(stderr: &str, address: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for line in stderr.lines().map(str::trim).filter(|it| !it.is_empty()) {
        if line.starts_with("warning: ") || line.starts_with("hint: ") {
            continue;
        }
        let prefixes = ["fatal: ", "error: ", "remote: "];
        let text = prefixes.iter().find_map(|it| line.strip_prefix(it)).unwrap_or(line);
        parts.push(text);
        if line.starts_with("fatal: ") {
            break;
        }
    }
    if parts.is_empty() {
        return "git failed without a word".to_owned();
    }
    // The last lines say what the earlier ones led to.
    let kept = parts.len().saturating_sub(3);
    let mut text = parts[kept..].join("; ").replace(address, &shown(address));
    if let Some((user, _)) = credentials(address) {
        text = text.replace(user, "");
    }
    text.chars().take(MAX_REASON_CHARS).collect()
}

/// `user:password@` of a URL, and the rest.
fn credentials(address: &str) -> Option<(&str, &str)> {
    let (_, rest) = address.split_once("://")?;
    let end = rest.find('/').unwrap_or(rest.len());
    let at = rest[..end].rfind('@')?;
    (rest[..at].contains(':')).then(|| rest.split_at(at + 1))
}

/// A folder that is not there yet, and then is, with a name that git takes as it is.
pub(crate) fn absolute(path: &Path) -> io::Result<PathBuf> {
    std::path::absolute(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_without_credentials() {
        let address = "https://bot:s3cret@git.corp.example/a.git";
        let said = "warning: x\nremote: Repository not found.\nfatal: repository 'https://bot:s3cret@git.corp.example/a.git/' not found\nhint: y\n";
        assert_eq!(
            reason(said, address),
            "Repository not found.; repository 'https://git.corp.example/a.git/' not found"
        );
        let said =
            "fatal: unable to access 'https://bot:s3cret@git.corp.example/b'\n\nPlease make sure\n";
        assert_eq!(reason(said, address), "unable to access 'https://git.corp.example/b'");
        assert_eq!(reason("", address), "git failed without a word");
    }
}
