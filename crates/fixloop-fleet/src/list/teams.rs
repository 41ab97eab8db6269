//! Teams by repository, from CSV with the columns `repository` and `team`. `*` in a repository stands for any characters, `/` too; the
//! first line that fits decides.

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
    /// Pattern and team.
    rules: Vec<(String, String)>,
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
    let mut rules = Vec::new();
    for record in reader.records() {
        let record = record.map_err(failed)?;
        let of = |column| record.get(column).filter(|it| !it.is_empty()).map(ToOwned::to_owned);
        let (Some(pattern), Some(team)) = (of(repository), of(team)) else {
            return Err(TeamsError::Empty(record.position().map_or(0, csv::Position::line)));
        };
        rules.push((pattern, team));
    }
    Ok(Teams { rules })
}

impl Teams {
    pub fn team_of(&self, repository: &str) -> Option<&str> {
        let found = self.rules.iter().find(|(pattern, _)| fits(pattern, repository));
        found.map(|(_, team)| &**team)
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
