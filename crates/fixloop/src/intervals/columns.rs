//! Which column is what: by flags, by the usual names, or as fixloop's own table has it.

use clap::Args;
use thiserror::Error;

#[derive(Args, Clone, Default)]
pub(crate) struct ColumnArguments {
    /// The age at which the interval ends, in days [default: time]
    #[arg(long, value_name = "COLUMN")]
    time: Option<String>,
    /// How it ended: a code, or upgraded, removed, fixed, suppressed, ignored, withdrawn, open [default: status]
    #[arg(long, value_name = "COLUMN")]
    status: Option<String>,
    /// The age at which it came under observation, in days [default: entry, if there is such a column]
    #[arg(long, value_name = "COLUMN")]
    entry: Option<String>,
    /// What is to be compared
    #[arg(long, value_name = "COLUMN")]
    arm: Option<String>,
    /// Who does the work: rows of one team go together
    #[arg(long, value_name = "COLUMN")]
    team: Option<String>,
    /// Inside what rows are compared
    #[arg(long, value_name = "COLUMN")]
    stratum: Option<String>,
    /// A name for each row [default: its line]
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// Whether arm, team and stratum are taken by their usual names without being asked for.
    #[arg(skip)]
    takes_usual: bool,
}

#[derive(Debug, Error)]
pub(crate) enum ColumnError {
    #[error("there is no column `{0}`")]
    Missing(String),
    #[error("the header has two columns `{0}`")]
    Twice(String),
}

/// A column of the header.
#[derive(Clone)]
pub(crate) struct Column {
    pub(crate) at: usize,
    pub(crate) name: String,
    /// Asked for by a flag, so that a row without a value cannot be used.
    pub(crate) is_asked: bool,
}

/// Places of the columns in a record.
pub(crate) struct Columns {
    pub(crate) time: Column,
    pub(crate) status: Column,
    pub(crate) entry: Option<Column>,
    pub(crate) arm: Option<Column>,
    pub(crate) team: Option<Column>,
    pub(crate) stratum: Option<Column>,
    pub(crate) id: Option<Column>,
    /// Only of fixloop's own table.
    pub(crate) own: Option<OwnColumns>,
}

/// What no other table has.
#[derive(Default)]
pub(crate) struct OwnColumns {
    pub(crate) subject: Option<usize>,
    pub(crate) target: Option<usize>,
    pub(crate) ecosystem: Option<usize>,
    pub(crate) severity: Option<usize>,
    pub(crate) direct: Option<usize>,
    pub(crate) start: Option<usize>,
}

/// A column that one command reads beyond the usual ones.
pub(crate) struct Wanted<'a> {
    /// What it is, in words.
    pub(crate) what: &'static str,
    /// By a flag.
    pub(crate) asked: Option<&'a String>,
    /// Names that are taken without being asked for, the best first.
    pub(crate) usual: &'static [&'static str],
}

impl Wanted<'_> {
    pub(crate) fn find(&self, header: &Header) -> Result<Option<Column>, ColumnError> {
        let usual = self.usual.iter().find(|it| header.has(it)).copied();
        header.optional(self.asked, usual)
    }
}

pub(crate) struct Header(pub(crate) Vec<String>);

impl Header {
    pub(crate) fn find(&self, name: &str) -> Result<usize, ColumnError> {
        let mut places = (0..self.0.len()).filter(|it| self.0[*it] == name);
        let first = places.next().ok_or_else(|| ColumnError::Missing(name.to_owned()))?;
        match places.next() {
            Some(_) => Err(ColumnError::Twice(name.to_owned())),
            None => Ok(first),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|it| it == name)
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|it| it == name)
    }

    fn required(&self, asked: Option<&String>, usual: &str) -> Result<Column, ColumnError> {
        let name = asked.map_or(usual, |it| it);
        Ok(Column { at: self.find(name)?, name: name.to_owned(), is_asked: asked.is_some() })
    }

    /// `usual` is taken if it is there, and no name if that is `None`.
    fn optional(
        &self,
        asked: Option<&String>,
        usual: Option<&str>,
    ) -> Result<Option<Column>, ColumnError> {
        match (asked, usual) {
            (None, Some(usual)) if self.has(usual) => Ok(Some(self.required(None, usual)?)),
            (None, _) => Ok(None),
            (asked, usual) => Ok(Some(self.required(asked, usual.unwrap_or(""))?)),
        }
    }
}

impl ColumnArguments {
    /// With `arm`, `team` and `stratum` (or `severity`) where the table has them.
    pub(crate) fn with_usual(&self) -> Self {
        Self { takes_usual: true, ..self.clone() }
    }

    pub(crate) fn find(&self, header: &Header) -> Result<Columns, ColumnError> {
        let is_own = self.time.is_none() && !header.has("time") && header.has("time_days");
        let usual = |name| (is_own || (self.takes_usual && header.has(name))).then_some(name);
        let severity = self.takes_usual.then_some("severity");
        let names = if is_own {
            ["time_days", "outcome", "entry_days"]
        } else {
            ["time", "status", "entry"]
        };
        let own = is_own.then(|| OwnColumns {
            subject: header.place("subject"),
            target: header.place("target"),
            ecosystem: header.place("ecosystem"),
            severity: header.place("severity"),
            direct: header.place("direct"),
            start: header.place("start"),
        });
        Ok(Columns {
            time: header.required(self.time.as_ref(), names[0])?,
            status: header.required(self.status.as_ref(), names[1])?,
            entry: header.optional(self.entry.as_ref(), Some(names[2]))?,
            arm: header.optional(self.arm.as_ref(), usual("arm"))?,
            team: header.optional(self.team.as_ref(), usual("team"))?,
            stratum: header.optional(self.stratum.as_ref(), usual("stratum").or(severity))?,
            // A row without a name is still a row.
            id: header
                .optional(self.id.as_ref(), usual("id"))?
                .map(|it| Column { is_asked: false, ..it }),
            own,
        })
    }
}

impl Columns {
    /// Which column is what, in words.
    pub(crate) fn told<'c>(
        &'c self,
        more: impl IntoIterator<Item = (&'static str, Option<&'c Column>)>,
    ) -> String {
        let named = [
            ("time", Some(&self.time)),
            ("status", Some(&self.status)),
            ("entry", self.entry.as_ref()),
            ("arm", self.arm.as_ref()),
            ("team", self.team.as_ref()),
            ("stratum", self.stratum.as_ref()),
            ("id", self.id.as_ref()),
        ];
        let named = named.into_iter().chain(more);
        let told = named.filter_map(|(what, column)| Some((what, &column?.name)));
        told.map(|(what, name)| format!("{what} = {name}")).collect::<Vec<_>>().join(", ")
    }
}
