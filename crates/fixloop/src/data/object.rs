//! Any object of the record: as JSON with `id`, `state` and `history`, and for people.

use std::io::{self, Write};

use fixloop_program::record::{Kind, ObjectId, Record, Refusal};
use fixloop_report::visible;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Where values begin, in characters.
const INDENT: usize = 22;

pub(crate) fn object_json(record: &Record, id: ObjectId) -> Result<Value, Refusal> {
    fn value<T: Serialize>(it: &T) -> Value {
        serde_json::to_value(it).expect("records are numbers, texts and maps with text keys")
    }
    Ok(match id.kind() {
        Kind::Objective => value(record.objective(id)?),
        Kind::KeyResult => value(record.key_result(id)?),
        Kind::Problem => value(record.problem(id)?),
        Kind::Evidence => value(record.evidence_of(id)?),
        Kind::Interview => value(record.interview(id)?),
        Kind::Treatment => value(record.treatment(id)?),
        Kind::Ring => value(record.ring(id)?),
        Kind::Solution => value(record.solution(id)?),
        Kind::Rollout => value(record.rollout(id)?),
        Kind::Experiment => value(record.experiment(id)?),
        Kind::Readout => value(record.readout(id)?),
        Kind::Decision => value(record.decision(id)?),
        Kind::Campaign => value(record.campaign(id)?),
        Kind::Rule => value(record.rule(id)?),
        Kind::Policy => {
            let mut policy = value(&record.policy);
            if let Value::Object(fields) = &mut policy {
                fields.insert("id".to_owned(), json!(id.to_string()));
                let state = if record.policy.kill_switch { "killed" } else { "live" };
                fields.insert("state".to_owned(), json!(state));
            }
            policy
        }
    })
}

/// `problem-1  supported`, then the fields, then what happened to it.
pub(super) fn write(object: &Value, out: &mut dyn Write) -> io::Result<()> {
    let Value::Object(fields) = object else { return writeln!(out, "{object}") };
    let word = |key: &str| fields.get(key).and_then(Value::as_str).unwrap_or("");
    writeln!(out, "{}  {}", word("id"), word("state"))?;
    let shown = fields.iter().filter(|(key, _)| !matches!(&***key, "id" | "state" | "history"));
    for (key, value) in shown {
        field(&key.replace('_', " "), value, 1, out)?;
    }
    let history = fields.get("history").and_then(Value::as_array);
    for step in history.into_iter().flatten() {
        history_line(step, out)?;
    }
    Ok(())
}

fn history_line(step: &Value, out: &mut dyn Write) -> io::Result<()> {
    let word = |key: &str| step.get(key).and_then(Value::as_str).unwrap_or("");
    let moved = match word("from") {
        "" => word("to").to_owned(),
        from if from == word("to") => from.to_owned(),
        from => format!("{from} → {}", word("to")),
    };
    let why = match word("why") {
        "" => String::new(),
        why => format!(": {why}"),
    };
    writeln!(
        out,
        "  {}  {}  {}{}",
        word("when"),
        visible(word("who")),
        visible(&moved),
        visible(&why)
    )
}

fn field(key: &str, value: &Value, depth: usize, out: &mut dyn Write) -> io::Result<()> {
    let left = "  ".repeat(depth);
    let width = INDENT.saturating_sub(left.len());
    match value {
        Value::Null => Ok(()),
        Value::Array(items) if items.is_empty() => Ok(()),
        Value::Object(fields) => {
            writeln!(out, "{left}{key}")?;
            object_fields(fields, depth + 1, out)
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for item in items {
                field(key, item, depth, out)?;
            }
            Ok(())
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            writeln!(out, "{left}{key:<width$}{}", visible(&items.join(", ")))
        }
        other => writeln!(out, "{left}{key:<width$}{}", visible(&plain(other))),
    }
}

fn object_fields(fields: &Map<String, Value>, depth: usize, out: &mut dyn Write) -> io::Result<()> {
    for (key, value) in fields {
        field(&key.replace('_', " "), value, depth, out)?;
    }
    Ok(())
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(it) if it.fract() != 0.0 => format!("{it:.4}").trim_end_matches('0').to_owned(),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}
