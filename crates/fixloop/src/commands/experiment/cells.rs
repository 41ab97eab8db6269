//! Small tables that are written by hand: every cell is used, or the file is refused with its line.

use std::io;
use std::path::{Path, PathBuf};

use csv::ByteRecord;
use thiserror::Error;

use crate::error::CommandError;
use crate::intervals::Lines;

/// More rows than memory should be asked for.
const MAX_ROWS: usize = 10_000_000;

#[derive(Debug, Error)]
enum CellsError {
    #[error("failed to read `{}`", path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("failed to read `{}` after line {line}", path.display())]
    Read { path: PathBuf, line: u64, source: csv::Error },
    #[error("`{}` is empty", path.display())]
    Empty { path: PathBuf },
    #[error("`{}` has a header and no row", path.display())]
    NoRow { path: PathBuf },
    #[error("`{}` has more than {MAX_ROWS} rows", path.display())]
    TooMany { path: PathBuf },
    #[error("`{}` has no column `{column}`", path.display())]
    NoColumn { path: PathBuf, column: String },
    #[error("`{}` has two columns `{column}`", path.display())]
    TwoColumns { path: PathBuf, column: String },
    #[error("line {line}: its cells number {found}, those of the header {expected}")]
    Count { line: u64, found: usize, expected: usize },
    #[error("line {line} is not UTF-8")]
    Encoding { line: u64 },
    #[error("line {line}: `{column}` is empty")]
    Missing { line: u64, column: String },
    #[error("line {line}: `{column}` is `{cell}`, which is {fault}")]
    Cell { line: u64, column: String, cell: String, fault: String },
}

/// A table with a header.
pub(super) struct Cells {
    path: PathBuf,
    header: Vec<String>,
    rows: Vec<(u64, Vec<String>)>,
}

/// One row of it.
#[derive(Clone, Copy)]
pub(super) struct CellsRow<'c> {
    table: &'c Cells,
    pub(super) line: u64,
    cells: &'c [String],
}

/// A column that was found.
#[derive(Clone, Copy)]
pub(super) struct At(usize);

impl Cells {
    /// Reads it whole; `example` is a header that would do.
    pub(super) fn read(path: &Path, example: &str) -> Result<Self, CommandError> {
        let of = || path.to_owned();
        let hint = format!("give a CSV file in UTF-8 with a header, like `{example}`");
        let mut lines = Lines::open(path).map_err(|source| {
            CommandError::from(CellsError::Open { path: of(), source }).hint(hint.clone())
        })?;
        let failed = |line, source| CellsError::Read { path: of(), line, source };
        let mut record = ByteRecord::new();
        if !lines.read(&mut record).map_err(|it| failed(0, it))? {
            return Err(CommandError::from(CellsError::Empty { path: of() }).hint(hint));
        }
        let header: Vec<String> =
            record.iter().map(|it| String::from_utf8_lossy(it).trim().to_lowercase()).collect();
        let mut table = Self { path: of(), header, rows: Vec::new() };
        let mut line = 1;
        while lines.read(&mut record).map_err(|it| failed(line, it))? {
            line = record.position().map_or(line, csv::Position::line);
            if table.rows.len() == MAX_ROWS {
                return Err(CellsError::TooMany { path: of() }.into());
            }
            let (found, expected) = (record.len(), table.header.len());
            if found != expected {
                return Err(CellsError::Count { line, found, expected }.into());
            }
            let cells =
                record.iter().map(|it| Some(std::str::from_utf8(it).ok()?.trim().to_owned()));
            let cells: Option<Vec<String>> = cells.collect();
            table.rows.push((line, cells.ok_or(CellsError::Encoding { line })?));
        }
        if table.rows.is_empty() {
            return Err(CommandError::from(CellsError::NoRow { path: of() }).hint(hint));
        }
        Ok(table)
    }

    pub(super) fn name(&self) -> String {
        self.path.file_name().map_or_else(String::new, |it| it.to_string_lossy().into_owned())
    }

    pub(super) fn optional(&self, column: &str) -> Result<Option<At>, CommandError> {
        let mut places = self.header.iter().enumerate().filter(|it| it.1 == column);
        let (first, second) = (places.next(), places.next());
        if second.is_some() {
            let (path, column) = (self.path.clone(), column.to_owned());
            return Err(CellsError::TwoColumns { path, column }.into());
        }
        Ok(first.map(|it| At(it.0)))
    }

    pub(super) fn column(&self, column: &str) -> Result<At, CommandError> {
        self.optional(column)?.ok_or_else(|| {
            let (path, column) = (self.path.clone(), column.to_owned());
            let hint =
                format!("its columns are {}", fixloop_report::visible(&self.header.join(", ")));
            CommandError::from(CellsError::NoColumn { path, column }).hint(hint)
        })
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = CellsRow<'_>> {
        self.rows.iter().map(|(line, cells)| CellsRow { table: self, line: *line, cells })
    }
}

impl<'c> CellsRow<'c> {
    /// `None` of an empty cell, NA, null or a column that is not there.
    pub(super) fn text(self, at: Option<At>) -> Option<&'c str> {
        let cell = &*self.cells[at?.0];
        (!matches!(cell, "" | "NA" | "na" | "null" | "-")).then_some(cell)
    }

    pub(super) fn needed(self, at: At) -> Result<&'c str, CommandError> {
        self.text(Some(at)).ok_or_else(|| {
            let column = self.table.header[at.0].clone();
            CellsError::Missing { line: self.line, column }.into()
        })
    }

    /// A finite number.
    pub(super) fn number(self, at: Option<At>) -> Result<Option<f64>, CommandError> {
        let (Some(at), Some(cell)) = (at, self.text(at)) else { return Ok(None) };
        let number = cell.parse::<f64>().ok().filter(|it| it.is_finite());
        number.map(Some).ok_or_else(|| {
            let comma = if cell.contains(',') { " (write a decimal point)" } else { "" };
            self.fault(at, format!("no finite number{comma}"))
        })
    }

    pub(super) fn needed_number(self, at: At) -> Result<f64, CommandError> {
        self.needed(at)?;
        self.number(Some(at))?.ok_or_else(|| self.fault(at, "no number".to_owned()))
    }

    /// What is wrong with a cell.
    pub(super) fn fault(self, at: At, fault: String) -> CommandError {
        let (column, cell) = (self.table.header[at.0].clone(), self.cells[at.0].clone());
        CellsError::Cell { line: self.line, column, cell, fault }.into()
    }
}
