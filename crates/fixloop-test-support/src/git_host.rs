//! A git host on this machine: git's own smart HTTP server behind a socket of the loopback interface.
//!
//! Repositories lie below the root by their path; those below `private/` want a password. Protocol:
//! <https://git-scm.com/docs/git-http-backend> behind CGI (RFC 3875), one process per request.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tempfile::TempDir;

pub struct GitHost {
    /// Without a slash at the end.
    pub url: String,
    root: TempDir,
    n_fetches: Arc<AtomicUsize>,
}

impl GitHost {
    /// Serves until the process ends.
    ///
    /// # Panics
    /// If git is not installed or no port is free.
    pub fn start() -> Self {
        let root = tempfile::tempdir().expect("there is room for a folder");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let n_fetches = Arc::new(AtomicUsize::new(0));
        let (folder, counter) = (root.path().to_owned(), Arc::clone(&n_fetches));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (folder, counter) = (folder.clone(), Arc::clone(&counter));
                // A client that goes away in the middle is its own matter.
                thread::spawn(move || serve(&stream, &folder, &counter).unwrap_or_default());
            }
        });
        Self { url, root, n_fetches }
    }

    pub fn url_of(&self, repository: &str) -> String {
        format!("{}/{repository}", self.url)
    }

    pub fn path_of(&self, repository: &str) -> PathBuf {
        self.root.path().join(repository)
    }

    /// Requests for objects or refs of protocol 2 since the last call.
    pub fn take_n_fetches(&self) -> usize {
        self.n_fetches.swap(0, Ordering::Relaxed)
    }

    /// An empty repository that can be pushed to.
    pub fn create(&self, repository: &str, has_filter: bool) {
        let path = self.path_of(repository);
        let place = path.to_str().expect("a plain path");
        git(self.root.path(), &["init", "-q", "--bare", "--initial-branch=main", place]);
        for key in ["http.receivepack", "uploadpack.allowAnySHA1InWant"] {
            git(&path, &["config", key, "true"]);
        }
        git(&path, &["config", "uploadpack.allowFilter", &has_filter.to_string()]);
    }

    /// Adds one commit with these files to a branch, without a network: for the first state of a repository.
    pub fn import(&self, repository: &str, branch: &str, day: u32, files: &[(&str, &str)]) {
        let files = files.iter().map(|(file, content)| ((*file).to_owned(), (*content).to_owned()));
        self.import_all(repository, branch, &[(day, files.collect())]);
    }

    /// The same with many commits at once: day, then path and content of each file.
    pub fn import_all(
        &self,
        repository: &str,
        branch: &str,
        commits: &[(u32, Vec<(String, String)>)],
    ) {
        let path = self.path_of(repository);
        let name = format!("refs/heads/{branch}");
        let mut stream = Vec::new();
        let is_there = git_output(&path, &["rev-parse", "-q", "--verify", &name]).status.success();
        for (place, (day, files)) in commits.iter().enumerate() {
            let at = 1_700_000_000 + i64::from(*day) * 86_400;
            let from =
                if is_there && place == 0 { format!("from {name}^0\n") } else { String::new() };
            let head =
                format!("commit {name}\ncommitter T <t@git.example> {at} +0000\ndata 1\nx\n");
            stream.extend([head, from].concat().into_bytes());
            for (file, content) in files {
                let entry = format!("M 100644 inline {file}\ndata {}\n{content}\n", content.len());
                stream.extend(entry.into_bytes());
            }
        }
        let mut import = command(&path);
        let mut child = import
            .args(["fast-import", "--quiet", "--force"])
            .stdin(Stdio::piped())
            .spawn()
            .expect("git is installed");
        let mut stdin = child.stdin.take().expect("piped");
        stdin.write_all(&stream).expect("git reads its input");
        drop(stdin);
        assert!(child.wait().expect("git ends").success(), "git fast-import in {repository}");
    }

    /// Clones, commits these files and pushes, over HTTP.
    pub fn push(&self, repository: &str, files: &[(&str, &str)]) {
        let clone = tempfile::tempdir().expect("there is room for a folder");
        let place = clone.path().to_str().expect("a plain path");
        git(self.root.path(), &["clone", "-q", "--depth=1", &self.url_of(repository), place]);
        for (file, content) in files {
            let path = clone.path().join(file);
            fs::create_dir_all(path.parent().expect("below the clone")).expect("writable");
            fs::write(path, content).expect("writable");
        }
        git(clone.path(), &["add", "-A"]);
        git(clone.path(), &["commit", "-q", "-m", "change"]);
        git(clone.path(), &["push", "-q", "origin", "HEAD"]);
    }
}

/// Runs git in this folder, with nobody's configuration, and returns what it prints.
///
/// # Panics
/// If git is not installed or fails.
#[track_caller]
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = git_output(folder, arguments);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {stderr}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
fn git_output(folder: &Path, arguments: &[&str]) -> Output {
    let output = command(folder).args(arguments).output();
    output.expect("these tests need the git executable: install git")
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null");
    for (role, name) in [("AUTHOR", "T"), ("COMMITTER", "T")] {
        command.env(format!("GIT_{role}_NAME"), name);
        command.env(format!("GIT_{role}_EMAIL"), "t@git.example");
    }
    command
}

fn serve(stream: &TcpStream, root: &Path, n_fetches: &AtomicUsize) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut out = stream;
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(());
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers: Vec<(String, String)> = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let header = |name: &str| headers.iter().find(|(it, _)| it == name).map_or("", |(_, it)| &**it);
    if path.starts_with("/private/") {
        let head = "HTTP/1.1 401 X\r\nwww-authenticate: Basic realm=\"x\"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        return out.write_all(head.as_bytes());
    }
    let body = read_body(&mut reader, header("content-length"), header("transfer-encoding"))?;
    if path.ends_with("/git-upload-pack") {
        n_fetches.fetch_add(1, Ordering::Relaxed);
    }
    let mut backend = Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_PROTOCOL", header("git-protocol"))
        .env("REQUEST_METHOD", method)
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query)
        .env("CONTENT_TYPE", header("content-type"))
        .env("CONTENT_LENGTH", body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("REMOTE_ADDR", "127.0.0.1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let stdin = backend.stdin.take();
    let writer = thread::spawn(move || stdin.map(|mut it| it.write_all(&body)));
    let answer = backend.wait_with_output()?.stdout;
    drop(writer.join());
    let text = String::from_utf8_lossy(&answer[..answer.len().min(4096)]).into_owned();
    let status = text.strip_prefix("Status: ").and_then(|it| it.lines().next()).unwrap_or("200 OK");
    write!(out, "HTTP/1.1 {status}\r\nconnection: close\r\n")?;
    out.write_all(&answer)
}

fn read_body(reader: &mut impl BufRead, length: &str, encoding: &str) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    if encoding != "chunked" {
        let n_bytes = length.parse().unwrap_or(0);
        reader.take(n_bytes).read_to_end(&mut body)?;
        return Ok(body);
    }
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let n_bytes = u64::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
        reader.take(n_bytes).read_to_end(&mut body)?;
        reader.read_line(&mut line)?;
        if n_bytes == 0 {
            return Ok(body);
        }
    }
}
