//! Which team owns what, from a mapping file.

use std::path::{Path, PathBuf};

use globset::{Glob, GlobMatcher};
use thiserror::Error;

/// More lines than any organisation has repositories and folders.
const MAX_LINES: usize = 500_000;

#[derive(Debug, Error)]
pub(crate) enum TeamsError {
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: csv::Error },
    #[error("`{}` has no column `{column}`: it needs `repository` and `team`, and may have `path`", path.display())]
    Column { path: PathBuf, column: &'static str },
    #[error("line {line} of `{}`: `{pattern}` is no pattern", path.display())]
    Pattern { path: PathBuf, line: u64, pattern: String, source: globset::Error },
    #[error("line {line} of `{}` names no {what}", path.display())]
    Empty { path: PathBuf, line: u64, what: &'static str },
    #[error("`{}` has more than {MAX_LINES} lines", path.display())]
    TooLong { path: PathBuf },
}

/// Lines of the file; the first that fits decides.
pub(crate) struct TeamMapping {
    lines: Vec<Line>,
}

struct Line {
    repository: GlobMatcher,
    path: Option<GlobMatcher>,
    team: String,
}

impl TeamMapping {
    /// A CSV file with a header.
    pub(crate) fn read(path: &Path) -> Result<Self, TeamsError> {
        let failed = |source| TeamsError::Read { path: path.to_owned(), source };
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .flexible(true)
            .from_path(path)
            .map_err(failed)?;
        let header = reader.headers().map_err(failed)?.clone();
        let find = |column: &str| header.iter().position(|it| it.eq_ignore_ascii_case(column));
        let column = |column: &'static str| {
            find(column).ok_or_else(|| TeamsError::Column { path: path.to_owned(), column })
        };
        let (repository, team) = (column("repository")?, column("team")?);
        let folder = find("path");
        let mut lines = Vec::new();
        for record in reader.records() {
            let record = record.map_err(failed)?;
            if lines.len() >= MAX_LINES {
                return Err(TeamsError::TooLong { path: path.to_owned() });
            }
            let line = record.position().map_or(0, csv::Position::line);
            let field = |at: usize, what| match record.get(at).filter(|it| !it.is_empty()) {
                Some(text) => Ok(text),
                None => Err(TeamsError::Empty { path: path.to_owned(), line, what }),
            };
            let pattern = |text: &str| match Glob::new(text) {
                Ok(glob) => Ok(glob.compile_matcher()),
                Err(source) => {
                    let (path, pattern) = (path.to_owned(), text.to_owned());
                    Err(TeamsError::Pattern { path, line, pattern, source })
                }
            };
            let below = folder.and_then(|it| record.get(it)).filter(|it| !it.is_empty());
            // A folder stands for everything in it.
            let below = below.map(|it| format!("{{{0},{0}/**}}", it.trim_matches('/')));
            lines.push(Line {
                repository: pattern(field(repository, "repository")?)?,
                path: below.as_deref().map(pattern).transpose()?,
                team: field(team, "team")?.to_owned(),
            });
        }
        Ok(Self { lines })
    }

    /// The team of a file of a repository.
    pub(crate) fn team(&self, repository: &str, path: &str) -> Option<String> {
        let holds = |it: &&Line| {
            it.repository.is_match(repository)
                && it.path.as_ref().is_none_or(|it| it.is_match(path))
        };
        self.lines.iter().find(holds).map(|it| it.team.clone())
    }
}
