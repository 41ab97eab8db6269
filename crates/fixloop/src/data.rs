//! The data directory of the programme, and who changes what is in it.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use fixloop_program::record::{Actor, Basis, Change, Kind, ObjectId, Record, Refusal};
use fixloop_store::{Author, ChangeError, Store, Writing, digest};
use serde_json::Value;
use thiserror::Error;

use crate::error::CommandError;
use crate::index_path::data_folder;
use crate::mined::{Mined, MiningArguments};
use crate::output::{Format, print};
use crate::today::{is_set, now};

mod object;

pub(crate) use object::object_json;

/// Where the programme's data lie, and who asks
#[derive(Args)]
pub(crate) struct DataArguments {
    /// The data directory [default: programme in the user's data folder]
    #[arg(long, value_name = "DIR", env = "FIXLOOP_DATA")]
    data_dir: Option<PathBuf>,
    /// Who does this, by the name that colleagues know [default: the user's]
    #[arg(long = "as", value_name = "NAME", env = "FIXLOOP_ACTOR")]
    actor: Option<String>,
    /// For people, or JSON for scripts
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Error)]
enum DataError {
    #[error("this machine has no folder for a user's data")]
    NoFolder,
    #[error("`{}` is no data directory", .0.display())]
    NotThere(PathBuf),
    #[error("nobody is named: {0}")]
    Actor(&'static str),
    #[error("{0}")]
    Refused(String),
}

/// An open data directory.
pub(crate) struct Data {
    pub(crate) store: Store,
    pub(crate) folder: PathBuf,
    pub(crate) format: Format,
    actor: Result<Actor, &'static str>,
    at: jiff::Timestamp,
}

impl DataArguments {
    pub(crate) fn folder(&self) -> Result<PathBuf, CommandError> {
        let usual = || data_folder().map(|it| it.join("programme"));
        let folder = self.data_dir.clone().or_else(usual).ok_or(DataError::NoFolder)?;
        Ok(std::path::absolute(folder)?)
    }

    /// Opens the data directory, which has to be there.
    pub(crate) fn open(&self) -> Result<Data, CommandError> {
        let folder = self.folder()?;
        if !folder.join(fixloop_store::FILE).exists() {
            return Err(CommandError::from(DataError::NotThere(folder)).hint(
                "fixloop start FILE makes one of a list of repositories; --data-dir names another",
            ));
        }
        self.store_in(folder)
    }

    /// Makes it where there is none, which somebody has to answer for.
    pub(crate) fn open_or_make(&self) -> Result<Data, CommandError> {
        let folder = self.folder()?;
        self.named().map_err(nobody)?;
        self.store_in(folder)
    }

    fn store_in(&self, folder: PathBuf) -> Result<Data, CommandError> {
        let store = Store::open(&folder)?;
        Ok(Data { store, folder, format: self.format, actor: self.named(), at: now() })
    }

    fn named(&self) -> Result<Actor, &'static str> {
        let user = || ["USER", "LOGNAME", "USERNAME"].iter().find_map(|it| env::var(it).ok());
        let name = self.actor.clone().or_else(user).unwrap_or_default();
        Actor::new(&name)
    }
}

/// The text of a rule of the usual data directory; nothing if there is no directory or no such rule.
pub(crate) fn recorded_rule(rule: &str) -> Result<Option<String>, CommandError> {
    let usual = || data_folder().map(|it| it.join("programme"));
    let folder = env::var_os("FIXLOOP_DATA").map(PathBuf::from).or_else(usual);
    let Some(folder) = folder.filter(|it| it.join(fixloop_store::FILE).exists()) else {
        return Ok(None);
    };
    let record = Store::open(&folder)?.record()?;
    Ok(record.rule_called(rule).map(|it| it.plan.text.clone()))
}

/// Which object to show
#[derive(Args)]
pub(crate) struct ShowArguments {
    #[command(flatten)]
    data: DataArguments,
    /// One of them [default: all, as a list]
    id: Option<ObjectId>,
}

impl ShowArguments {
    /// Prints the object that is named, which has to be of this kind, or all of the kind.
    pub(crate) fn run(&self, kind: Kind) -> Result<ExitCode, CommandError> {
        let mut data = self.data.open()?;
        match self.id {
            Some(id) if id.kind() != kind => {
                let n = data.record()?.next(kind).number() - 1;
                return Err(refused(Refusal::unknown(id, kind, n)));
            }
            Some(id) => data.show(&[id])?,
            None => data.list(&[kind])?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn nobody(reason: &'static str) -> CommandError {
    CommandError::from(DataError::Actor(reason))
        .hint("--as NAME, or the environment variable FIXLOOP_ACTOR")
}

/// A refusal with its way out as the hint.
pub(crate) fn refused(refusal: Refusal) -> CommandError {
    CommandError::from(DataError::Refused(refusal.what)).hint(refusal.way_out)
}

impl Data {
    /// Who changes something. Whoever only reads, as a machine without users does, needs no name.
    pub(crate) fn actor(&self) -> Result<&Actor, CommandError> {
        self.actor.as_ref().map_err(|reason| nobody(reason))
    }

    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.at
    }

    pub(crate) fn record(&mut self) -> Result<Record, CommandError> {
        Ok(self.store.record()?)
    }

    pub(crate) fn change<W: Into<Writing>>(
        &mut self,
        wanted: impl FnOnce(&Record) -> Result<W, Refusal>,
    ) -> Result<Vec<Change>, CommandError> {
        let author = Author { actor: self.actor()?.clone(), at: self.at, is_clock_set: is_set() };
        self.store.change(&author, wanted).map_err(|error| match error {
            ChangeError::Refused(refusal) => refused(refusal),
            ChangeError::Store(error) => error.into(),
        })
    }

    /// Mines the mirrors of the data directory.
    pub(crate) fn mine(&self, cut: Option<jiff::Timestamp>) -> Result<Mined, CommandError> {
        let cut = cut.map(|it| fixloop_model::Timestamp(it.as_microsecond()));
        let mined = MiningArguments::of_data(&self.folder, cut).mine()?;
        mined.tell_unknown();
        Ok(mined)
    }

    /// Prints objects as they are now: one as itself, several as a list.
    pub(crate) fn show(&mut self, ids: &[ObjectId]) -> Result<(), CommandError> {
        let record = self.record()?;
        let objects: Vec<Value> = ids
            .iter()
            .map(|id| object_json(&record, *id).map_err(refused))
            .collect::<Result<_, _>>()?;
        let document = match <[Value; 1]>::try_from(objects.clone()) {
            Ok([one]) => one,
            Err(several) => Value::Array(several),
        };
        self.print_objects(&objects, &document)
    }

    /// Prints all objects of these kinds: always a list, however many there are.
    pub(crate) fn list(&mut self, kinds: &[Kind]) -> Result<(), CommandError> {
        let record = self.record()?;
        let ids = kinds.iter().flat_map(|it| record.ids(*it));
        let objects: Vec<Value> =
            ids.map(|id| object_json(&record, id).map_err(refused)).collect::<Result<_, _>>()?;
        if objects.is_empty() {
            let noun = kinds.first().map_or("object", |it| it.noun());
            self.say(&format!("no {noun} is recorded yet"))?;
        }
        self.print_objects(&objects, &Value::Array(objects.clone()))
    }

    /// Prints an object that was put together for this.
    pub(crate) fn print_one(&self, object: &Value) -> Result<(), CommandError> {
        self.print_objects(std::slice::from_ref(object), object)
    }

    fn print_objects(&self, objects: &[Value], document: &Value) -> Result<(), CommandError> {
        match self.format {
            Format::Json => print(|out| writeln!(out, "{document:#}"))?,
            Format::Text => print(|out| {
                for (n, object) in objects.iter().enumerate() {
                    if n > 0 {
                        writeln!(out)?;
                    }
                    object::write(object, out)?;
                }
                Ok(())
            })?,
        }
        Ok(())
    }

    /// Changes the record, and prints what became of the objects that `shown` picks of the changes.
    pub(crate) fn change_and_show<W: Into<Writing>>(
        &mut self,
        wanted: impl FnOnce(&Record) -> Result<W, Refusal>,
    ) -> Result<(), CommandError> {
        let changes = self.change(wanted)?;
        let mut ids: Vec<ObjectId> = changes.iter().map(|it| it.object).collect();
        let mut seen = Vec::new();
        ids.retain(|it| {
            !seen.contains(it) && {
                seen.push(*it);
                true
            }
        });
        self.show(&ids)
    }

    /// A line for people, after an empty one where it begins with a line break; scripts read the object.
    pub(crate) fn say(&self, line: &str) -> io::Result<()> {
        if self.format == Format::Text {
            print(|out| {
                for line in line.split('\n') {
                    writeln!(out, "{}", fixloop_report::visible(line))?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// What a number was computed from: the question's hash is over its name and settings.
pub(crate) fn basis(
    (name, settings): (&str, &Value),
    cut: jiff::Timestamp,
    document: Option<&[u8]>,
) -> Basis {
    Basis {
        query_hash: digest(format!("{name}\n{settings}").as_bytes()),
        cut,
        method: format!("{name} of fixloop {}", env!("CARGO_PKG_VERSION")),
        document: document.map(digest),
    }
}

/// The moment of a mined cut.
pub(crate) fn instant(it: fixloop_model::Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(it.0).unwrap_or(jiff::Timestamp::MAX)
}

/// Where editors' events come to, if nothing else is said.
pub(crate) fn sink_folder(folder: &Path) -> PathBuf {
    folder.join("sink")
}
