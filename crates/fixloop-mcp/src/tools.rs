//! What all tools share: the index, what day it is, what is recorded; and a call from arguments to its answer.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use fixloop_client::PolicyPlace;
use fixloop_index::IndexError;
use fixloop_telemetry::Machine;
use jiff::civil::Date;
use rmcp::model::JsonObject;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

use crate::index::{IndexPlace, OpenError};
use crate::policy::Governing;
use crate::quoted::word;
use crate::recording::{Caller, Said, Shown, Spooling};
use crate::tool::Tool;
use crate::{check_package, scan_project, suggest_fix};

/// What the process's environment gives.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The index that was named; it has to be there.
    pub index: Option<PathBuf>,
    /// Where the user's index lies; without it the starter index is used.
    pub default_index: Option<PathBuf>,
    /// Path or address of the policy, and its key, if somebody configured them.
    pub policy: Option<String>,
    pub policy_key: Option<String>,
    /// Where the last believed policy is kept.
    pub policy_cache: Option<PathBuf>,
    /// Where the server was started.
    pub folder: Option<PathBuf>,
    pub machine: Machine,
    /// Exceptions that expired before this day cover nothing.
    pub today: fn() -> Date,
}

/// What a call gives.
pub(crate) enum Answer {
    Done { text: String, structured: Value },
    Failed(String),
}

impl Answer {
    pub(crate) fn failure(text: String) -> Self {
        Self::Failed(text)
    }
}

/// What a tool has found.
pub(crate) struct Told<T> {
    /// A few lines for whoever reads no JSON.
    pub(crate) text: String,
    pub(crate) structured: T,
    pub(crate) shown: Vec<Shown>,
}

/// Why a call has no result; each says what to do.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error("{0}")]
    Arguments(String),
    #[error(transparent)]
    Index(#[from] OpenError),
    #[error("{0}")]
    Scan(String),
}

impl From<IndexError> for Failure {
    fn from(error: IndexError) -> Self {
        Self::Index(OpenError::Damaged(error))
    }
}

pub(crate) struct Tools {
    place: IndexPlace,
    today: fn() -> Date,
    spooling: Mutex<Spooling>,
    /// As the last look at the policy says.
    is_silent: AtomicBool,
}

impl Tools {
    pub(crate) fn new(environment: Environment) -> Self {
        let given = |it: Option<String>| it.filter(|it| !it.is_empty());
        let policy = PolicyPlace {
            source: given(environment.policy),
            key: given(environment.policy_key),
            cache: environment.policy_cache,
            time: environment.machine.time,
        };
        let mut governing = Governing::start(&policy, environment.folder);
        Self {
            place: IndexPlace::new(environment.index, environment.default_index),
            today: environment.today,
            is_silent: AtomicBool::new(governing.is_silent()),
            spooling: Mutex::new(Spooling::new(environment.machine, governing)),
        }
    }

    /// Whether the policy has agents observed here: then nothing is said unasked.
    pub(crate) fn is_silent(&self) -> bool {
        self.is_silent.load(Ordering::Relaxed)
    }

    pub(crate) fn call(&self, tool: Tool, arguments: JsonObject, caller: &Caller) -> Answer {
        match tool {
            Tool::CheckPackage => self.answer(tool, arguments, caller, |it| {
                check_package::check_package(&*self.place.current()?, &it)
            }),
            Tool::ScanProject => self.answer(tool, arguments, caller, |it| {
                scan_project::scan_project(&*self.place.current()?, &it, (self.today)())
            }),
            Tool::SuggestFix => self.answer(tool, arguments, caller, |it| {
                suggest_fix::suggest_fix(&*self.place.current()?, &it, (self.today)())
            }),
        }
    }

    fn answer<A: DeserializeOwned, T: Serialize>(
        &self,
        tool: Tool,
        arguments: JsonObject,
        caller: &Caller,
        work: impl FnOnce(A) -> Result<Told<T>, Failure>,
    ) -> Answer {
        match read(tool, arguments).and_then(work) {
            Ok(told) => {
                let said = self.record(caller, &told.shown);
                match serde_json::to_value(told.structured) {
                    Ok(structured) => Answer::Done { text: said.around(&told.text), structured },
                    Err(error) => Answer::failure(format!("the answer cannot be written: {error}")),
                }
            }
            Err(failure) => Answer::failure(failure.to_string()),
        }
    }

    fn record(&self, caller: &Caller, shown: &[Shown]) -> Said {
        let mut spooling = self.spooling();
        let said = spooling.record(caller, shown);
        self.is_silent.store(spooling.is_silent(), Ordering::Relaxed);
        said
    }

    /// The session is over.
    pub(crate) fn end(&self) {
        self.spooling().end();
    }

    fn spooling(&self) -> std::sync::MutexGuard<'_, Spooling> {
        // What a thread that panicked left there is at worst one event short.
        self.spooling.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read<A: DeserializeOwned>(tool: Tool, arguments: JsonObject) -> Result<A, Failure> {
    serde_json::from_value(Value::Object(arguments)).map_err(|error| {
        let why = word(&error.to_string());
        Failure::Arguments(format!(
            "wrong arguments: {why}; see the input schema of {}",
            tool.name()
        ))
    })
}
