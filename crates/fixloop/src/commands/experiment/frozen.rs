//! What a look froze: the files that the analysis reads, and the document that it gives. The same files give the same bytes.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command, FromArgMatches};
use fixloop_program::record::{FrozenReadout, Registered};
use fixloop_report::{ExperimentReport, experiment_json};
use fixloop_store::digest;
use serde_json::{Value, json};
use thiserror::Error;

use super::analyze::{AnalyzeArguments, report};
use crate::error::CommandError;

pub(crate) const SCHEMA: &str = "fixloop.readout/1";
pub(crate) const FINDINGS: &str = "findings.csv";
pub(crate) const ASSIGNMENT: &str = "assignment.json";
pub(crate) const HEALTH: &str = "health.csv";
pub(crate) const GUARDRAILS: &str = "guardrails.csv";
pub(crate) const CHAIN: &str = "chain.json";
/// The question and the day.
pub(crate) const LOOK: &str = "look.json";

/// Files by name.
pub(crate) type Inputs = BTreeMap<String, Vec<u8>>;

#[derive(Debug, Error)]
enum FrozenError {
    #[error("failed to write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("the frozen file `{0}` is missing")]
    Missing(&'static str),
    #[error("the frozen file `{name}` cannot be understood")]
    Json { name: &'static str, source: serde_json::Error },
    #[error("the frozen look is not one that this build can analyse")]
    Arguments(#[source] clap::Error),
}

/// What is asked, as `look.json` holds it.
pub(crate) fn look_json(experiment: &str, registered: &Registered, day: f64, cut: &str) -> Value {
    json!({
        "experiment": experiment,
        "day": day,
        "cut": cut,
        "design": registered.design,
        "alpha": registered.alpha,
        "worthwhile": registered.worthwhile,
        "horizon": registered.horizon,
        "looks": registered.looks,
        "analysis_hash": registered.analysis_hash,
    })
}

/// The analysis of frozen files.
pub(crate) struct Analysed {
    pub(crate) report: ExperimentReport,
    pub(crate) document: Value,
}

/// Computes a look from its files alone.
pub(crate) fn analyse(inputs: &Inputs) -> Result<Analysed, CommandError> {
    let folder = tempfile::tempdir()?;
    for (name, bytes) in inputs {
        let path = folder.path().join(name);
        fs::write(&path, bytes).map_err(|source| FrozenError::Write { path, source })?;
    }
    let look = parsed(inputs, LOOK)?;
    let arguments = arguments(folder.path(), &look, inputs)?;
    let (mut report, _) = report(&arguments)?;
    look["experiment"].as_str().unwrap_or_default().clone_into(&mut report.subject);
    let digests: BTreeMap<&String, String> =
        inputs.iter().map(|(name, bytes)| (name, digest(bytes))).collect();
    let document = json!({
        "schema": SCHEMA,
        "look": look,
        "inputs": digests,
        "chain": parsed(inputs, CHAIN)?,
        "analysis": experiment_json(&report),
    });
    Ok(Analysed { report, document })
}

/// The document's bytes, as they are stored.
pub(crate) fn bytes(document: &Value) -> Vec<u8> {
    format!("{document:#}\n").into_bytes()
}

fn parsed(inputs: &Inputs, name: &'static str) -> Result<Value, FrozenError> {
    let bytes = inputs.get(name).ok_or(FrozenError::Missing(name))?;
    serde_json::from_slice(bytes).map_err(|source| FrozenError::Json { name, source })
}

/// The command line that a reviewer would type in a folder with the files.
fn arguments(
    folder: &Path,
    look: &Value,
    inputs: &Inputs,
) -> Result<AnalyzeArguments, CommandError> {
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let mut words = vec!["analyze".to_owned(), path(FINDINGS)];
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
    let number = |key: &str| look[key].as_f64().unwrap_or_default();
    option("--assignment", path(ASSIGNMENT));
    option("--stratum", "stratum".to_owned());
    option("--id", "id".to_owned());
    option("--alpha", number("alpha").to_string());
    option("--worthwhile", (number("worthwhile") * 100.0).to_string());
    option("--horizon", number("horizon").to_string());
    let looks = look["looks"].as_array().into_iter().flatten();
    let looks: Vec<String> = looks.filter_map(Value::as_f64).map(|it| it.to_string()).collect();
    option("--looks", looks.join(","));
    option("--now", number("day").to_string());
    option("--health", path(HEALTH));
    option("--cut-day", number("day").to_string());
    if inputs.contains_key(GUARDRAILS) {
        option("--guardrails", path(GUARDRAILS));
    }
    if let Some(hash) = look["analysis_hash"].as_str().filter(|it| !it.is_empty()) {
        option("--registered", hash.to_owned());
    }
    let command = AnalyzeArguments::augment_args(Command::new("analyze").no_binary_name(false));
    let matches = command.try_get_matches_from(words).map_err(FrozenError::Arguments)?;
    Ok(AnalyzeArguments::from_arg_matches(&matches).map_err(FrozenError::Arguments)?)
}

/// Two rows that have every column of the table and say nothing: enough to tell which question is asked.
const NO_FINDINGS: &str = "team,arm,stratum,entry,time,status,period,limit,day,id
a,treated,rest,0,1,open,during,1,0,1
b,holdout,rest,0,1,open,during,1,0,2
";

const NO_HEALTH: &str = "team,assigned,received,last_heartbeat,scanner,applicable
a,treated,,,,
b,holdout,,,,
";

const NO_ASSIGNMENT: &str = r#"{"schema":"fixloop.assignment/1","commitment":"","design":"complete","date":"1970-01-01","alpha":0.05,
"public_nonce":"","possible":2.0,"min_p":1.0,"accepted":null,"units":[
{"teams":["a"],"arm":"treated","block":0,"stratum":"","platform":"","score_millionths":0,"findings":0},
{"teams":["b"],"arm":"control","block":0,"stratum":"","platform":"","score_millionths":0,"findings":0}],"teams":["a","b"]}"#;

/// The hash of the question, before anything is known.
pub(crate) fn analysis_hash(registered: &Registered) -> Result<String, CommandError> {
    let question = Registered { analysis_hash: String::new(), ..registered.clone() };
    let first = question.looks.first().copied().unwrap_or(1.0);
    let look = look_json("", &question, first, "");
    let inputs: Inputs = [
        (FINDINGS, NO_FINDINGS.to_owned()),
        (ASSIGNMENT, NO_ASSIGNMENT.to_owned()),
        (HEALTH, NO_HEALTH.to_owned()),
        (CHAIN, "null".to_owned()),
        (LOOK, look.to_string()),
    ]
    .map(|(name, text)| (name.to_owned(), text.into_bytes()))
    .into();
    Ok(analyse(&inputs)?.report.registration.hash.to_string())
}

/// The frozen files of a readout.
pub(crate) fn inputs_of(
    store: &mut fixloop_store::Store,
    readout: &FrozenReadout,
) -> Result<Inputs, CommandError> {
    let mut inputs = Inputs::new();
    for (name, wanted) in &readout.inputs {
        let bytes = store.file(wanted)?.ok_or_else(|| MissingFile(name.clone()))?;
        inputs.insert(name.clone(), bytes);
    }
    Ok(inputs)
}

#[derive(Debug, Error)]
#[error("the frozen file `{0}` is not in the data directory")]
struct MissingFile(String);
