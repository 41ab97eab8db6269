//! Teams by repository, from CSV with the columns `repository`, `team` and optionally `path`. `*` in a repository or path stands for any
//! characters, `/` too; a path stands for everything below it; the first line that fits decides.

use csv::{ReaderBuilder, Trim};
use thiserror::Error;

use crate::list::{List, MAX_LIST_BYTES};

#[derive(Debug, Error)]
pub enum TeamsError {
    #[error("the list of teams is larger than {} MiB", MAX_LIST_BYTES >> 20)]
    TooLarge,
    #[error("line {line}: not readable as CSV")]
    Csv { line: u64, source: csv::Error },
    #[error("line 1: no column `{0}`")]
    NoColumn(&'static str),
    #[error("line {0}: no repository or no team")]
    Empty(u64),
}

#[derive(Clone, Debug, Default)]
pub struct Teams {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    repository: String,
    /// Of files; every file of the repository, if there is none.
    path: Option<String>,
    team: String,
}

pub fn read_teams(text: &str) -> Result<Teams, TeamsError> {
    if text.len() > MAX_LIST_BYTES {
        return Err(TeamsError::TooLarge);
    }
    let text = text.trim_start_matches('\u{feff}');
    let mut reader =
        ReaderBuilder::new().trim(Trim::All).flexible(true).from_reader(text.as_bytes());
    let failed = |source: csv::Error| TeamsError::Csv {
        line: source.position().map_or(1, csv::Position::line),
        source,
    };
    let header = reader.headers().map_err(failed)?.clone();
    let column = |name: &'static str| {
        let found = header.iter().position(|it| it.eq_ignore_ascii_case(name));
        found.ok_or(TeamsError::NoColumn(name))
    };
    let (repository, team) = (column("repository")?, column("team")?);
    let path = column("path").ok();
    let mut rules = Vec::new();
    for record in reader.records() {
        let record = record.map_err(failed)?;
        let of = |column| record.get(column).filter(|it| !it.is_empty()).map(ToOwned::to_owned);
        let (Some(repository), Some(team)) = (of(repository), of(team)) else {
            return Err(TeamsError::Empty(record.position().map_or(0, csv::Position::line)));
        };
        let path = path.and_then(of).map(|it| it.trim_matches('/').to_owned());
        rules.push(Rule { repository, path, team });
    }
    Ok(Teams { rules })
}

impl Teams {
    /// The team of a whole repository; lines with a path do not decide that.
    pub fn team_of(&self, repository: &str) -> Option<&str> {
        let mut rules = self.rules.iter().filter(|it| it.path.is_none());
        rules.find(|it| fits(&it.repository, repository)).map(|it| &*it.team)
    }

    /// The team of one file of a repository.
    pub fn team_of_file(&self, repository: &str, path: &str) -> Option<&str> {
        let is_below =
            |pattern: &String| fits(pattern, path) || fits(&format!("{pattern}/*"), path);
        let mut rules = self.rules.iter();
        let found = rules
            .find(|it| fits(&it.repository, repository) && it.path.as_ref().is_none_or(is_below));
        found.map(|it| &*it.team)
    }

    /// Gives each repository that a line fits its team; the others keep theirs.
    pub fn apply(&self, list: &mut List) {
        for repository in &mut list.repositories {
            if let Some(team) = self.team_of(&repository.name) {
                repository.team = Some(team.to_owned());
            }
        }
    }
}

/// Each part between stars at its first place: leftmost is always enough.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(last)
}
