//! A list as CSV (RFC 4180) with a header; columns by name, in any order, case aside:
//! `url`, `clone_url` or `address`; and, each if there is one, `name`, `team`, `branch`. Other columns are left alone.

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::list::{ListError, Position, Repository, TeamSource};

const ADDRESS: &[&str] = &["url", "clone_url", "address"];
const NAME: &[&str] = &["name", "repository"];
const TEAM: &[&str] = &["team"];
const BRANCH: &[&str] = &["branch", "default_branch"];

pub(super) fn read(text: &str) -> Result<(Vec<(Position, Repository)>, TeamSource), ListError> {
    let mut reader =
        ReaderBuilder::new().trim(Trim::All).flexible(true).from_reader(text.as_bytes());
    let failed = |line: u64, source: csv::Error| {
        let line = source.position().map_or(line, csv::Position::line);
        ListError::Csv { position: Position::Line(line), source }
    };
    let header = reader.headers().map_err(|it| failed(1, it))?.clone();
    let column = |names: &[&str]| {
        header.iter().position(|it| names.iter().any(|name| it.eq_ignore_ascii_case(name)))
    };
    let Some(address) = column(ADDRESS) else {
        let there: Vec<&str> = header.iter().collect();
        return Err(ListError::NoColumn("url", there.join(", ")));
    };
    let (name, team, branch) = (column(NAME), column(TEAM), column(BRANCH));
    let mut repositories = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|it| failed(0, it))?;
        let position = Position::Line(record.position().map_or(0, csv::Position::line));
        let Some(address) = field(&record, Some(address)) else {
            return Err(ListError::NoAddress(position));
        };
        let name = field(&record, name).unwrap_or_else(|| name_of(&address));
        let (team, branch) = (field(&record, team), field(&record, branch));
        repositories.push((position, Repository { name, address, team, branch }));
    }
    let source = if team.is_some() { TeamSource::Column } else { TeamSource::None };
    Ok((repositories, source))
}

fn field(record: &StringRecord, column: Option<usize>) -> Option<String> {
    let value = record.get(column?)?;
    (!value.is_empty()).then(|| value.to_owned())
}

/// The path of the address without host and `.git`, of a local path the last part.
fn name_of(address: &str) -> String {
    let plain = address.trim_end_matches('/');
    let plain = plain.strip_suffix(".git").unwrap_or(plain).trim_end_matches('/');
    let last = || plain.rsplit(['/', '\\']).next().unwrap_or(plain);
    let path = match plain.split_once("://") {
        Some(("file", _)) => last(),
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None if plain.starts_with('/') => last(),
        None => plain.split_once(':').map_or(plain, |(_, path)| path),
    };
    path.split('?').next().unwrap_or(path).trim_start_matches('/').to_owned()
}
