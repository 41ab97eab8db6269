//! Pages that were filled in, and what all of them say.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use fixloop_program::interviews::page::{MAX_BYTES, Page, PageError, read};
use fixloop_program::interviews::{EditorReasons, StopRule, editor_reasons, lints, stop_rule};
use fixloop_program::record::{Interview, InterviewNotes, Kind, ObjectId, Record};
use fixloop_store::{Writing, digest};
use serde_json::{Value, json};
use thiserror::Error;

use super::text;
use crate::data::{Data, DataArguments, object_json, refused};
use crate::error::CommandError;
use crate::output::{Format, print};

#[derive(Debug, Error)]
enum PageFileError {
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("`{}` is no UTF-8 text", .0.display())]
    NotText(PathBuf),
    #[error("`{}` cannot be filed", path.display())]
    Page { path: PathBuf, source: PageError },
    #[error("`{}` cannot be filed: the interview is on {date}, and that day is still to come", path.display())]
    Future { path: PathBuf, date: jiff::civil::Date },
}

pub(super) fn add(arguments: &DataArguments, path: &Path) -> Result<ExitCode, CommandError> {
    let mut data = arguments.open()?;
    let text = read_page(path)?;
    let page = read(&text).map_err(|source| {
        CommandError::from(PageFileError::Page { path: path.to_owned(), source }).hint(
            "fixloop interview new writes a page; only team, date, stance and one quote are needed",
        )
    })?;
    if let Some(date) = page.date.filter(|it| *it > crate::today::today()) {
        return Err(PageFileError::Future { path: path.to_owned(), date }.into());
    }
    let record = data.record()?;
    let notes = noted(page, &record, &text).expect("a page that was read lacks nothing required");
    let problem = notes.problem;
    let changes = data.change(|record| {
        let changes = record.file_interview(notes)?;
        // Nothing of the page is lost, whatever of it is understood.
        Ok(Writing { files: vec![text.into_bytes()], changes })
    })?;
    let filed: Vec<ObjectId> = changes.iter().map(|it| it.object).collect();
    let record = data.record()?;
    let of_kind = |kind: Kind| filed.iter().copied().find(|it| it.kind() == kind);
    let interview = of_kind(Kind::Interview).expect("an interview was filed");
    let interview = record.interview(interview).map_err(refused)?;
    let heard = heard(&mut data, &record, problem)?;
    if data.format == Format::Json {
        let mut object = object_json(&record, interview.id).map_err(refused)?;
        if let Value::Object(fields) = &mut object {
            fields.insert("evidence".to_owned(), json!(of_kind(Kind::Evidence)));
            fields.extend(heard.fields());
        }
        print(|out| writeln!(out, "{object:#}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    data.show(&[interview.id])?;
    print(|out| {
        text::lints(&interview.notes.lints, out)?;
        text::heard(problem, &heard, out)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn noted(page: Page, record: &Record, text: &str) -> Option<InterviewNotes> {
    let problem = page.problem?;
    let of_it = record.solutions.values().filter(|it| it.plan.problem == problem);
    let tried = of_it.filter_map(|it| record.treatments.get(&it.plan.treatment.number()));
    let names: Vec<&str> = tried.map(|it| &*it.plan.name).collect();
    let found = lints(&page.questions, &names);
    page.notes(found, digest(text.as_bytes()))
}

fn read_page(path: &Path) -> Result<String, CommandError> {
    let failed = |source| PageFileError::Read { path: path.to_owned(), source };
    // One byte more than is allowed tells that there is more.
    let limit = MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        let file = File::open(path).map_err(failed)?;
        file.take(limit).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() > MAX_BYTES {
        let source = PageError::TooLarge;
        return Err(PageFileError::Page { path: path.to_owned(), source }.into());
    }
    let text = String::from_utf8(bytes).map_err(|_| PageFileError::NotText(path.to_owned()))?;
    Ok(text)
}

/// What was heard about one hypothesis.
pub(super) struct Heard {
    pub(super) stop_rule: StopRule,
    pub(super) editors: EditorReasons,
}

impl Heard {
    fn fields(&self) -> [(String, Value); 2] {
        [
            ("stop_rule".to_owned(), json!(self.stop_rule)),
            ("not_useful".to_owned(), json!(self.editors)),
        ]
    }
}

fn heard(data: &mut Data, record: &Record, problem: ObjectId) -> Result<Heard, CommandError> {
    let interviews: Vec<&Interview> = record.interviews_about(problem).collect();
    let events = data.store.events(data.now().as_microsecond())?;
    let bodies = events.iter().filter(|it| it.kind == "not_useful").map(|it| &*it.body);
    Ok(Heard { stop_rule: stop_rule(&interviews), editors: editor_reasons(bodies) })
}

pub(super) fn show(
    arguments: &DataArguments,
    id: Option<ObjectId>,
) -> Result<ExitCode, CommandError> {
    let mut data = arguments.open()?;
    let record = data.record()?;
    if let Some(id) = id.filter(|it| it.kind() != Kind::Problem) {
        record.interview(id).map_err(refused)?;
        data.show(&[id])?;
        return Ok(ExitCode::SUCCESS);
    }
    let problems: Vec<ObjectId> = match id {
        Some(id) => vec![record.problem(id).map_err(refused)?.id],
        None => record.problems.keys().map(|it| ObjectId::new(Kind::Problem, *it)).collect(),
    };
    let mut documents = Vec::new();
    for problem in problems {
        let interviews: Vec<ObjectId> = record.interviews_about(problem).map(|it| it.id).collect();
        let heard = heard(&mut data, &record, problem)?;
        if data.format == Format::Text {
            if !interviews.is_empty() {
                data.show(&interviews)?;
            }
            print(|out| text::heard(problem, &heard, out))?;
            continue;
        }
        let objects = interviews.iter().map(|it| object_json(&record, *it).map_err(refused));
        let objects = objects.collect::<Result<Vec<Value>, CommandError>>()?;
        let mut document = json!({ "problem": problem, "interviews": objects });
        if let Value::Object(fields) = &mut document {
            fields.extend(heard.fields());
        }
        documents.push(document);
    }
    if data.format == Format::Json {
        let document = match (id, documents.pop()) {
            (Some(_), Some(one)) => one,
            (_, last) => {
                documents.extend(last);
                Value::Array(documents)
            }
        };
        print(|out| writeln!(out, "{document:#}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
