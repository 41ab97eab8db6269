//! Which branch of a remote is mirrored, and where it stands.

use crate::git::{REMOTE, Remote, Session};
use crate::list::is_branch;
use crate::mirror::MirrorError;

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct RemoteHead {
    /// The ref to ask for.
    pub(super) source: String,
    pub(super) branch: String,
    pub(super) commit: String,
}

/// The branch that the list names if the remote has it (it may have been renamed since), else the remote's default; `None` if there are no
/// commits.
pub(super) fn remote_head(
    session: &Session<'_>,
    listed: Option<&str>,
) -> Result<Option<RemoteHead>, MirrorError> {
    let listed = listed.map(|it| (it, format!("refs/heads/{it}")));
    let mut arguments = vec!["ls-remote", "--symref", REMOTE, "HEAD"];
    arguments.extend(listed.as_ref().map(|(_, name)| &**name));
    let text = session.text(None, Remote::Whole, &arguments)?;
    let lines: Vec<(&str, &str)> = text.lines().filter_map(|it| it.split_once('\t')).collect();
    let commit_of = |name: &str| {
        let found = lines.iter().find(|(value, it)| *it == name && !value.starts_with("ref: "));
        found.map(|(commit, _)| (*commit).to_owned())
    };
    if let Some((branch, name)) = listed
        && let Some(commit) = commit_of(&name)
    {
        return Ok(Some(RemoteHead { source: name, branch: branch.to_owned(), commit }));
    }
    let Some(commit) = commit_of("HEAD") else { return Ok(None) };
    let target = lines.iter().find_map(|(value, name)| {
        value.strip_prefix("ref: refs/heads/").filter(|_| *name == "HEAD")
    });
    match target {
        Some(branch) if is_branch(branch) => {
            let source = format!("refs/heads/{branch}");
            Ok(Some(RemoteHead { source, branch: branch.to_owned(), commit }))
        }
        Some(branch) => Err(MirrorError::Branch(branch.to_owned())),
        // A detached HEAD, or a host that does not tell.
        None => Ok(Some(RemoteHead {
            source: "HEAD".to_owned(),
            branch: "detached".to_owned(),
            commit,
        })),
    }
}
