//! `fixloop rule add`, `list` and `show`: rules in the record.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use fixloop_program::record::{Kind, ObjectId, RulePlan};

use crate::commands::policy::publish_if_there;
use crate::commands::rule::named::read_rule;
use crate::data::{Data, DataArguments, refused};
use crate::error::CommandError;
use crate::output::Format;

/// Record a rule, so that treatments and campaigns can name it; another text under the same id is its next version
#[derive(Args)]
pub(crate) struct AddArguments {
    #[command(flatten)]
    data: DataArguments,
    /// The file of the rule
    file: PathBuf,
}

/// List the rules that are recorded
#[derive(Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    data: DataArguments,
}

/// Show a rule that is recorded
#[derive(Args)]
pub(crate) struct ShowArguments {
    #[command(flatten)]
    data: DataArguments,
    /// Its id in its file, or in the record: rule-1
    rule: String,
}

pub(super) fn add(arguments: &AddArguments) -> Result<ExitCode, CommandError> {
    let (rule, text) = read_rule(&arguments.file)?;
    let mut data = arguments.data.open()?;
    let (rule, title) = (rule.id().to_owned(), rule.title().to_owned());
    let changes =
        data.change(|record| Ok(vec![record.add_rule(RulePlan { rule, title, text })?]))?;
    print(&mut data, &changes.iter().map(|it| it.object).collect::<Vec<_>>())?;
    publish_if_there(&mut data)?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn list(arguments: &ListArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let ids = data.record()?.ids(Kind::Rule);
    if data.format == Format::Json || ids.is_empty() {
        data.list(&[Kind::Rule])?;
    } else {
        print(&mut data, &ids)?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn show(arguments: &ShowArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let record = data.record()?;
    let id = match arguments.rule.parse::<ObjectId>() {
        Ok(id) if id.kind() == Kind::Rule => id,
        _ => {
            record.check_rule(&arguments.rule).map_err(refused)?;
            let found = record.rule_called(&arguments.rule).map(|it| it.id);
            let Some(id) = found else {
                data.say(&format!("{} is built in and has no text", arguments.rule))?;
                return Ok(ExitCode::SUCCESS);
            };
            id
        }
    };
    if data.format == Format::Json {
        data.show(&[id])?;
        return Ok(ExitCode::SUCCESS);
    }
    print(&mut data, &[id])?;
    let it = record.rule(id).map_err(refused)?;
    for step in &it.history {
        data.say(&format!("  {}  {}  {}", step.when, step.who.as_str(), step.to))?;
    }
    data.say(&format!("\n{}", it.plan.text.trim_end()))?;
    Ok(ExitCode::SUCCESS)
}

/// A line for each; a rule's text has many of its own.
fn print(data: &mut Data, ids: &[ObjectId]) -> Result<(), CommandError> {
    if data.format == Format::Json {
        return data.show(ids);
    }
    let record = data.record()?;
    for id in ids {
        let it = record.rule(*id).map_err(refused)?;
        let (rule, title) = (&it.plan.rule, &it.plan.title);
        data.say(&format!("{id}  version {}  {rule}: {title}", it.version))?;
    }
    Ok(())
}
