//! A CSV table as rows. A row that cannot be used costs that row; its line and reason are kept.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use csv::ByteRecord;
use fixloop_model::{Ending, Rating, Timestamp};
use fixloop_readout::Row;
use thiserror::Error;

use super::columns::{Column, ColumnArguments, ColumnError, Columns, Header, Wanted};
use super::lines::Lines;
use super::status::Codes;
use crate::error::CommandError;

/// More rows than memory should be asked for.
const MAX_ROWS: u64 = 50_000_000;

/// Unusable rows that are shown to people.
const MAX_LINES: usize = 8;

/// Unusable rows that are told with their reasons; more are counted.
const MAX_TOLD: usize = 1_000;

#[derive(Debug, Error)]
enum TableError {
    #[error("failed to read `{}`", path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("failed to read `{}` after line {line}", path.display())]
    Read { path: PathBuf, line: u64, source: csv::Error },
    #[error("`{}` is empty", path.display())]
    Empty { path: PathBuf },
    #[error("`{}` has a header and no row", path.display())]
    NoRow { path: PathBuf },
    #[error("no row of `{}` is as --where wants it", path.display())]
    NoneSelected { path: PathBuf },
    #[error("no row of `{}` can be used ({n} were tried): line {line}: {reason}", path.display())]
    NoneUsable { path: PathBuf, n: usize, line: u64, reason: Reason },
    #[error("`{}` has more than {MAX_ROWS} rows", path.display())]
    TooMany { path: PathBuf },
}

/// Why a row cannot be used.
#[derive(Debug, Error)]
pub(crate) enum Reason {
    #[error("its cells number {found}, those of the header {expected}")]
    Cells { found: usize, expected: usize },
    #[error("`{column}` is not UTF-8")]
    Encoding { column: String },
    #[error("`{column}` is empty or NA")]
    Missing { column: String },
    #[error("`{column}` is `{cell}`, which is no number{}", if cell.contains(',') { " (write a decimal point)" } else { "" })]
    Number { column: String, cell: String },
    #[error("`{column}` is `{cell}`, which is not a finite number of at least 0")]
    Range { column: String, cell: String },
    #[error("entry `{entry}` is not before time `{time}`")]
    Order { entry: f64, time: f64 },
    #[error("status `{0}` is no code that is known")]
    Status(String),
    #[error("start `{0}` is no RFC 3339 time")]
    Start(String),
}

pub(crate) struct Skipped {
    pub(crate) line: u64,
    pub(crate) reason: Reason,
}

pub(crate) struct Table {
    /// The file's name.
    pub(crate) name: String,
    pub(crate) rows: Vec<Row>,
    /// Cells of each wanted column, one for each row; `None` if there is no such column.
    pub(crate) more: Vec<Option<Vec<Option<String>>>>,
    /// At most a thousand.
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) n_skipped: usize,
    /// Which column is what, in words.
    pub(crate) columns: String,
    pub(crate) status_column: String,
    /// Written by fixloop, and its outcomes are what is read.
    pub(crate) is_own: bool,
    /// Named if it is not the comma.
    pub(crate) unusual_separator: Option<&'static str>,
}

/// Reads the rows that hold `conditions`.
pub(crate) fn read(
    path: &Path,
    arguments: &ColumnArguments,
    conditions: &[(String, String)],
    codes: &Codes,
    more: &[Wanted<'_>],
) -> Result<Table, CommandError> {
    let of = || path.to_owned();
    let mut lines = Lines::open(path).map_err(|source| {
        let error = CommandError::from(TableError::Open { path: of(), source });
        error.hint("give a CSV file in UTF-8 with a header, like `entry,time,status`")
    })?;
    let failed = |line, source| {
        let error = CommandError::from(TableError::Read { path: of(), line, source });
        error.hint("a quotation mark inside a cell is written twice, and a cell with one is quoted")
    };
    let mut record = ByteRecord::new();
    if !lines.read(&mut record).map_err(|it| failed(0, it))? {
        let error = CommandError::from(TableError::Empty { path: of() });
        return Err(error.hint("the first line names the columns, like `entry,time,status`"));
    }
    let header =
        Header(record.iter().map(|it| String::from_utf8_lossy(it).trim().to_owned()).collect());
    let named = |error: ColumnError| {
        let listed: Vec<&str> = header.0.iter().map(|it| &**it).collect();
        let hint = format!("its columns are {}", fixloop_report::visible(&listed.join(", ")));
        CommandError::from(error).hint(hint)
    };
    let columns = arguments.find(&header).map_err(named)?;
    let wanted = conditions
        .iter()
        .map(|(column, value)| Ok((header.find(column)?, &**value)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(named)?;
    let wanted_more: Vec<Option<Column>> =
        more.iter().map(|it| it.find(&header)).collect::<Result<_, _>>().map_err(named)?;
    let reading = Reading { columns: &columns, codes, n_cells: header.0.len() };
    let mut table = Table {
        name: path.file_name().map_or_else(String::new, |it| it.to_string_lossy().into_owned()),
        rows: Vec::new(),
        more: wanted_more.iter().map(|it| it.as_ref().map(|_| Vec::new())).collect(),
        skipped: Vec::new(),
        n_skipped: 0,
        columns: columns
            .told(more.iter().map(|it| it.what).zip(wanted_more.iter().map(Option::as_ref))),
        status_column: columns.status.name.clone(),
        is_own: columns.own.is_some() && !columns.status.is_asked,
        unusual_separator: match lines.separator {
            b';' => Some("semicolon"),
            b'\t' => Some("tab"),
            _ => None,
        },
    };
    let (mut n_read, mut line) = (0, 1);
    while lines.read(&mut record).map_err(|it| failed(line, it))? {
        line = record.position().map_or(line, csv::Position::line);
        n_read += 1;
        if n_read > MAX_ROWS {
            return Err(TableError::TooMany { path: of() }.into());
        }
        if wanted.iter().all(|(at, value)| is_equal(&record, *at, value)) {
            let more = wanted_more.iter().map(|it| optional(&record, it.as_ref()));
            let row = more
                .collect::<Result<Vec<_>, _>>()
                .and_then(|more| Ok((reading.row(&record, line)?, more)));
            table.add(line, row);
        }
    }
    table.checked(path, n_read > 0)
}

/// `COLUMN=VALUE`.
pub(crate) fn condition(written: &str) -> Result<(String, String), &'static str> {
    let (column, value) = written.split_once('=').ok_or("write COLUMN=VALUE")?;
    Ok((column.trim().to_owned(), value.trim().to_owned()))
}

fn is_equal(record: &ByteRecord, at: usize, value: &str) -> bool {
    let cell = record.get(at).and_then(|it| std::str::from_utf8(it).ok());
    cell.is_some_and(|it| unguarded(it) == value)
}

impl Table {
    fn add(&mut self, line: u64, row: Result<(Row, Vec<Option<String>>), Reason>) {
        match row {
            Ok((row, more)) => {
                self.rows.push(row);
                for (column, cell) in self.more.iter_mut().zip(more) {
                    if let Some(column) = column {
                        column.push(cell);
                    }
                }
            }
            Err(reason) => {
                self.n_skipped += 1;
                if self.skipped.len() < MAX_TOLD {
                    self.skipped.push(Skipped { line, reason });
                }
            }
        }
    }

    fn checked(mut self, path: &Path, has_row: bool) -> Result<Self, CommandError> {
        let path = path.to_owned();
        if !self.rows.is_empty() {
            return Ok(self);
        }
        if !has_row {
            let error = CommandError::from(TableError::NoRow { path });
            return Err(error.hint("one line for each interval, below the header"));
        }
        if self.skipped.is_empty() {
            let error = CommandError::from(TableError::NoneSelected { path });
            return Err(error.hint("the value is compared as it is written in the cell"));
        }
        let Skipped { line, reason } = self.skipped.swap_remove(0);
        let error = TableError::NoneUsable { path, n: self.n_skipped, line, reason };
        let hint = "--time, --status and --entry name other columns, --event other codes";
        Err(CommandError::from(error).hint(hint))
    }

    /// What could not be used, in lines; none if everything could.
    pub(crate) fn skipped_lines(&self) -> Vec<String> {
        if self.n_skipped == 0 {
            return Vec::new();
        }
        let mut lines = vec![format!("Not used ({}):", self.n_skipped)];
        lines.extend(
            self.skipped
                .iter()
                .take(MAX_LINES)
                .map(|it| format!("line {}: {}", it.line, it.reason)),
        );
        if self.n_skipped > MAX_LINES {
            lines.push(format!(
                "and {} more (--format json has up to 1,000)",
                self.n_skipped - MAX_LINES
            ));
        }
        lines
    }

    /// Writes them below what was printed.
    pub(crate) fn write_skipped(&self, out: &mut dyn Write) -> io::Result<()> {
        let lines = self.skipped_lines();
        if !lines.is_empty() {
            writeln!(out)?;
        }
        for (at, line) in lines.iter().enumerate() {
            let indent = if at == 0 { "" } else { "  " };
            writeln!(out, "{indent}{}", fixloop_report::visible(line))?;
        }
        Ok(())
    }

    /// 0 if every row was used, 2 if some could not be.
    pub(crate) fn exit_code(&self) -> ExitCode {
        if self.n_skipped == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) }
    }
}

/// What is needed to read one row.
struct Reading<'a> {
    columns: &'a Columns,
    codes: &'a Codes,
    n_cells: usize,
}

impl Reading<'_> {
    fn row(&self, record: &ByteRecord, line: u64) -> Result<Row, Reason> {
        if record.len() != self.n_cells {
            return Err(Reason::Cells { found: record.len(), expected: self.n_cells });
        }
        let columns = self.columns;
        let time_days = number(record, &columns.time)?;
        let entry_days = match &columns.entry {
            Some(it) if !text(record, it)?.is_empty() => Some(number(record, it)?),
            _ => None,
        };
        if let Some(entry) = entry_days.filter(|it| *it >= time_days) {
            return Err(Reason::Order { entry, time: time_days });
        }
        let row = Row {
            id: optional(record, columns.id.as_ref())?.unwrap_or_else(|| format!("line {line}")),
            subject: String::new(),
            target: String::new(),
            team: optional(record, columns.team.as_ref())?,
            ecosystem: None,
            severity: None,
            direct: None,
            arm: optional(record, columns.arm.as_ref())?,
            stratum: optional(record, columns.stratum.as_ref())?,
            start: None,
            // An entry of 0 is the origin.
            entry_days: entry_days.filter(|it| *it > 0.0),
            time_days,
            outcome: self.ending(record)?,
            left_truncated: false,
        };
        self.own(record, row)
    }

    fn ending(&self, record: &ByteRecord) -> Result<Ending, Reason> {
        let column = &self.columns.status;
        let cell = present(text(record, column)?, column)?;
        self.codes.ending(&cell).ok_or_else(|| Reason::Status(cell.into_owned()))
    }

    /// With what only fixloop's own table says.
    fn own(&self, record: &ByteRecord, row: Row) -> Result<Row, Reason> {
        let Some(own) = &self.columns.own else { return Ok(row) };
        let cell = |at: Option<usize>, name: &str| {
            let column = |at| Column { at, name: name.to_owned(), is_asked: false };
            optional(record, at.map(column).as_ref())
        };
        let start = match cell(own.start, "start")? {
            Some(written) => match written.parse::<jiff::Timestamp>() {
                Ok(it) => Some(Timestamp(it.as_microsecond())),
                Err(_) => return Err(Reason::Start(written)),
            },
            None => None,
        };
        let direct = cell(own.direct, "direct")?;
        let severity = cell(own.severity, "severity")?;
        Ok(Row {
            subject: cell(own.subject, "subject")?.unwrap_or_default(),
            target: cell(own.target, "target")?.unwrap_or_default(),
            ecosystem: cell(own.ecosystem, "ecosystem")?,
            severity: severity.as_deref().and_then(Rating::from_word),
            direct: direct.map(|it| it == "true"),
            start,
            ..row
        })
    }
}

fn text<'r>(record: &'r ByteRecord, column: &Column) -> Result<Cow<'r, str>, Reason> {
    match std::str::from_utf8(record.get(column.at).unwrap_or_default()) {
        Ok(cell) => Ok(Cow::Borrowed(unguarded(cell))),
        Err(_) => Err(Reason::Encoding { column: column.name.clone() }),
    }
}

/// Without the apostrophe by which our own tables keep spreadsheets from computing a name.
fn unguarded(cell: &str) -> &str {
    let cell = cell.trim_matches(' ');
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest,
        _ => cell,
    }
}

fn is_missing(cell: &str) -> bool {
    matches!(cell, "" | "NA" | "NaN" | "null")
}

fn present<'c>(cell: Cow<'c, str>, column: &Column) -> Result<Cow<'c, str>, Reason> {
    if is_missing(&cell) { Err(Reason::Missing { column: column.name.clone() }) } else { Ok(cell) }
}

fn number(record: &ByteRecord, column: &Column) -> Result<f64, Reason> {
    let cell = text(record, column)?;
    let named = || (column.name.clone(), cell.clone().into_owned());
    if matches!(&*cell, "" | "NA" | "null") {
        return Err(Reason::Missing { column: column.name.clone() });
    }
    let Ok(number) = cell.parse::<f64>() else {
        let (column, cell) = named();
        return Err(Reason::Number { column, cell });
    };
    if !number.is_finite() || number < 0.0 {
        let (column, cell) = named();
        return Err(Reason::Range { column, cell });
    }
    Ok(number)
}

/// A name; missing is an obstacle only where the column was asked for.
fn optional(record: &ByteRecord, column: Option<&Column>) -> Result<Option<String>, Reason> {
    let Some(column) = column else { return Ok(None) };
    let cell = text(record, column)?;
    if column.is_asked {
        return Ok(Some(present(cell, column)?.into_owned()));
    }
    Ok((!cell.is_empty()).then(|| cell.into_owned()))
}
