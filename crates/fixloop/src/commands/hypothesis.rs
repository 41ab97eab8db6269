//! `fixloop hypothesis`.

pub(crate) mod answers;
mod predicted;

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use fixloop_program::record::{
    EvidenceKind, Filed, Kind, ObjectId, ProblemState, Record, Stance, read_problem,
};
use jiff::Timestamp;
use predicted::Predicted;

use crate::data::{Data, DataArguments, object_json, refused};
use crate::error::CommandError;
use crate::output::Format;

/// Problem hypotheses: why is a key result not met already?
#[derive(Subcommand)]
pub(crate) enum HypothesisCommand {
    Create(CreateArguments),
    Frame(FrameArguments),
    Evidence(EvidenceArguments),
    Verdict(VerdictArguments),
    Show(ShowArguments),
}

/// Write down what you believe
#[derive(Args)]
pub(crate) struct CreateArguments {
    #[command(flatten)]
    data: DataArguments,
    /// The key result that it would explain
    #[arg(long, value_name = "ID")]
    key_result: ObjectId,
    /// "We believe [who] suffers [what] when [task] because [why]"
    #[arg(long, value_name = "TEXT")]
    believe: String,
    /// When somebody first thought so, if earlier than now
    #[arg(long, value_name = "TIME")]
    insight_at: Option<Timestamp>,
    /// The hypothesis that it replaces
    #[arg(long, value_name = "ID")]
    supersedes: Option<ObjectId>,
    /// What has to hold for it to be true (repeatable)
    #[arg(long = "assume", value_name = "TEXT")]
    assumptions: Vec<String>,
}

/// Say what will be seen if it is right, with a kill and a confirm line, before anything is asked
///
/// QUERY is known-at-introduction, upgrade-regressions, late-alerts, not-useful, or a ceiling (which can only reject): ceiling-detect,
/// ceiling-react, ceiling-land, ceiling-first-reference. Lines are shares; left out, they are the query's own, and of a ceiling the wanted
/// change of the key result. N is how many cases it takes.
#[derive(Args)]
pub(crate) struct FrameArguments {
    #[command(flatten)]
    data: DataArguments,
    problem: ObjectId,
    /// As upgrade-regressions:10%:25%:20 (repeatable)
    #[arg(long = "predict", value_name = "QUERY[:KILL:CONFIRM[:N]]", required = true)]
    predictions: Vec<Predicted>,
}

/// Ask the stored data all predictions; or file, answer or retract a piece of evidence
///
/// Exit code: 0; 1 if --rerun gets another answer; 2 if something could not be read.
#[derive(Args)]
pub(crate) struct EvidenceArguments {
    #[command(flatten)]
    data: DataArguments,
    problem: ObjectId,
    /// File what you know from elsewhere
    #[arg(long, value_name = "TEXT", requires = "stance")]
    note: Option<String>,
    /// Whether the note speaks for or against it
    #[arg(long, value_enum)]
    stance: Option<StanceName>,
    /// Where the note comes from
    #[arg(long, value_name = "LINK", requires = "note")]
    source: Option<String>,
    /// A piece that speaks against it, and is answered by --how
    #[arg(long, value_name = "ID", requires = "how", conflicts_with = "note")]
    answer: Option<ObjectId>,
    /// How what speaks against it is answered
    #[arg(long, value_name = "TEXT")]
    how: Option<String>,
    /// A piece that does not count any more, and --why
    #[arg(long, value_name = "ID", requires = "why", conflicts_with_all = ["note", "answer"])]
    retract: Option<ObjectId>,
    /// Why it is retracted
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// Ask again what a piece of evidence asked, of the data up to the same cut, and compare
    #[arg(long, value_name = "ID", conflicts_with_all = ["note", "answer", "retract"])]
    rerun: Option<ObjectId>,
}

/// Take the verdict that the evidence gives
#[derive(Args)]
pub(crate) struct VerdictArguments {
    #[command(flatten)]
    data: DataArguments,
    problem: ObjectId,
    /// What you expect; refused if the evidence reads otherwise
    #[arg(long, value_enum)]
    expect: Option<VerdictName>,
    /// In your words
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// Put it aside
    #[arg(long, requires = "why", conflicts_with = "expect")]
    park: bool,
}

/// Show hypotheses with what is known of them
#[derive(Args)]
pub(crate) struct ShowArguments {
    #[command(flatten)]
    data: DataArguments,
    /// One of them [default: all]
    id: Option<ObjectId>,
}

#[derive(Clone, Copy, ValueEnum)]
enum StanceName {
    For,
    Against,
    Neither,
}

#[derive(Clone, Copy, ValueEnum)]
enum VerdictName {
    Supported,
    Confirmed,
    Rejected,
    Inconclusive,
}

impl From<VerdictName> for ProblemState {
    fn from(name: VerdictName) -> Self {
        match name {
            VerdictName::Supported => Self::Supported,
            VerdictName::Confirmed => Self::Confirmed,
            VerdictName::Rejected => Self::Rejected,
            VerdictName::Inconclusive => Self::Inconclusive,
        }
    }
}

pub(crate) fn run(command: HypothesisCommand) -> Result<ExitCode, CommandError> {
    match command {
        HypothesisCommand::Create(arguments) => create(arguments),
        HypothesisCommand::Frame(arguments) => frame(&arguments),
        HypothesisCommand::Evidence(arguments) => evidence(&arguments),
        HypothesisCommand::Verdict(arguments) => verdict(&arguments),
        HypothesisCommand::Show(arguments) => show(&arguments),
    }
}

fn create(arguments: CreateArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let insight = arguments.insight_at.unwrap_or(data.now());
    data.change_and_show(|record| {
        let of = (insight, arguments.supersedes);
        record.create_problem(&arguments.believe, arguments.key_result, of, arguments.assumptions)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn frame(arguments: &FrameArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    data.change_and_show(|record| {
        let problem = record.problem(arguments.problem)?;
        let wanted = record.key_result(problem.key_result)?.plan.reduction;
        let predictions = predicted::predictions(&arguments.predictions, wanted)?;
        record.frame(arguments.problem, predictions)
    })?;
    data.say(&format!("\nNext: fixloop hypothesis evidence {}", arguments.problem))?;
    Ok(ExitCode::SUCCESS)
}

fn evidence(arguments: &EvidenceArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let how = arguments.how.as_deref().unwrap_or("");
    let why = arguments.why.as_deref().unwrap_or("");
    let mut is_whole = true;
    if let Some(id) = arguments.answer {
        data.change_and_show(|record| record.answer_evidence(id, how))?;
    } else if let Some(id) = arguments.retract {
        data.change_and_show(|record| record.retract_evidence(id, why))?;
    } else if let Some(id) = arguments.rerun {
        return answers::rerun(&mut data, id);
    } else if let Some(words) = &arguments.note {
        let stance = match arguments.stance {
            Some(StanceName::For) => Stance::For,
            Some(StanceName::Against) => Stance::Against,
            Some(StanceName::Neither) | None => Stance::Neither,
        };
        let filed = Filed {
            problem: arguments.problem,
            kind: EvidenceKind::Document,
            stance,
            strength: 1,
            answer: None,
            interview: None,
            source: arguments.source.clone(),
            words: words.clone(),
        };
        data.change_and_show(|record| record.file_evidence(filed))?;
    } else {
        is_whole = answers::ask(&mut data, arguments.problem)?;
    }
    say_reading(&mut data, arguments.problem)?;
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

fn verdict(arguments: &VerdictArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let why = arguments.why.as_deref();
    if arguments.park {
        data.change_and_show(|record| record.park(arguments.problem, why.unwrap_or("")))?;
        return Ok(ExitCode::SUCCESS);
    }
    let wanted = arguments.expect.map(Into::into);
    data.change_and_show(|record| record.judge(arguments.problem, wanted, why))?;
    say_reading(&mut data, arguments.problem)?;
    Ok(ExitCode::SUCCESS)
}

fn show(arguments: &ShowArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let record = data.record()?;
    let ids: Vec<ObjectId> = match arguments.id {
        Some(id) => vec![id],
        None => record.ids(Kind::Problem),
    };
    if data.format == Format::Json {
        let objects: Vec<serde_json::Value> =
            ids.iter().map(|id| with_evidence(&record, *id)).collect::<Result<_, _>>()?;
        let document = match (arguments.id, <[serde_json::Value; 1]>::try_from(objects)) {
            (Some(_), Ok([one])) => one,
            (None, Ok([one])) => serde_json::Value::Array(vec![one]),
            (_, Err(several)) => serde_json::Value::Array(several),
        };
        crate::output::print(|out| writeln!(out, "{document:#}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    if ids.is_empty() {
        data.say("no problem hypothesis is recorded yet")?;
    }
    for id in ids {
        data.show(&[id])?;
        let evidence: Vec<ObjectId> = record.evidence_about(id).map(|it| it.id).collect();
        if !evidence.is_empty() {
            data.say("")?;
            data.show(&evidence)?;
        }
        say_reading(&mut data, id)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn with_evidence(record: &Record, id: ObjectId) -> Result<serde_json::Value, CommandError> {
    let mut object = object_json(record, id).map_err(refused)?;
    let evidence: Vec<serde_json::Value> = record
        .evidence_about(id)
        .map(|it| object_json(record, it.id).map_err(refused))
        .collect::<Result<_, _>>()?;
    let reading = read_problem(record, record.problem(id).map_err(refused)?);
    if let serde_json::Value::Object(fields) = &mut object {
        fields.insert("evidence".to_owned(), evidence.into());
        let reading = serde_json::json!({
            "verdict": reading.verdict.map(ProblemState::as_str),
            "reasons": reading.reasons,
            "missing": reading.missing,
            "next": reading.next,
        });
        fields.insert("reading".to_owned(), reading);
    }
    Ok(object)
}

/// How it reads now, and the next command.
fn say_reading(data: &mut Data, problem: ObjectId) -> Result<(), CommandError> {
    let record = data.record()?;
    let it = record.problem(problem).map_err(refused)?;
    let reading = read_problem(&record, it);
    let verdict = reading.verdict.map_or("cannot be judged yet", ProblemState::as_str);
    data.say(&format!("\n{problem} reads: {verdict}"))?;
    for reason in &reading.reasons {
        data.say(&format!("  {reason}"))?;
    }
    for missing in &reading.missing {
        data.say(&format!("  missing: {missing}"))?;
    }
    data.say(&format!("Next: {}", reading.next))?;
    Ok(())
}
