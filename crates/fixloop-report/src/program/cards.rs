//! What is shown of each object, once for every way of writing it: a title, pairs, tables and its history. All text is visible.

mod campaigns;
mod goals;
mod hypotheses;
mod trials;

use fixloop_program::record::{Entry, History, ObjectId, Step};
use serde_json::Value;

use super::ProgramReport;
use super::words::{seen, state, when};

pub(super) struct Card {
    pub(super) id: String,
    pub(super) state: String,
    /// By which people know it.
    pub(super) title: String,
    pub(super) pairs: Vec<(&'static str, String)>,
    pub(super) tables: Vec<Table>,
    /// When, who, what, why.
    pub(super) history: Vec<[String; 4]>,
}

pub(super) struct Table {
    pub(super) caption: &'static str,
    pub(super) head: &'static [&'static str],
    pub(super) rows: Vec<Vec<String>>,
}

/// Objects of one kind.
pub(super) struct Group {
    /// A word for links.
    pub(super) key: &'static str,
    pub(super) title: &'static str,
    /// What stands there if there is none.
    pub(super) nothing: &'static str,
    pub(super) cards: Vec<Card>,
}

impl Card {
    fn new(id: ObjectId, of: &str, title: &str) -> Self {
        Self {
            id: id.to_string(),
            state: state(of),
            title: seen(title),
            pairs: Vec::new(),
            tables: Vec::new(),
            history: Vec::new(),
        }
    }

    fn pair(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        if !value.as_ref().is_empty() {
            self.pairs.push((name, seen(value.as_ref())));
        }
        self
    }

    fn maybe(self, name: &'static str, value: Option<impl AsRef<str>>) -> Self {
        match value {
            Some(value) => self.pair(name, value),
            None => self,
        }
    }

    /// Empty tables are left out.
    fn table(
        mut self,
        caption: &'static str,
        head: &'static [&'static str],
        rows: Vec<Vec<String>>,
    ) -> Self {
        if !rows.is_empty() {
            let seen = |row: Vec<String>| row.iter().map(|it| seen(it)).collect();
            let rows = rows.into_iter().map(seen).collect();
            self.tables.push(Table { caption, head, rows });
        }
        self
    }

    fn with(mut self, history: &History) -> Self {
        self.history = history.iter().map(step).collect();
        self
    }
}

fn step(it: &Step) -> [String; 4] {
    let to = state(&it.to);
    let moved = match &it.from {
        None => to,
        Some(from) if *from == it.to => format!("{to} still"),
        Some(from) => format!("{} → {to}", state(from)),
    };
    let why = it.why.as_deref().map_or_else(String::new, seen);
    [when(it.when), seen(it.who.as_str()), seen(&moved), why]
}

/// The whole record in the order of the loop.
pub(super) fn groups(report: &ProgramReport<'_>) -> Vec<Group> {
    let record = report.record;
    let mut groups = vec![
        goals::objectives(record),
        goals::key_results(record),
        hypotheses::problems(record),
        hypotheses::evidence(record),
        hypotheses::interviews(record),
        trials::treatments(record),
        trials::rings(record),
        trials::solutions(record),
        trials::rollouts(record),
        trials::experiments(report),
        trials::readouts(report),
        trials::decisions(record),
        trials::policy(record),
    ];
    groups.extend(campaigns::campaigns(record));
    groups
}

/// Rules that somebody set aside: rollout, who, the rule, why.
pub(super) fn overrides(report: &ProgramReport<'_>) -> Vec<[String; 4]> {
    let rollouts = report.record.rollouts.values();
    let all = rollouts.flat_map(|rollout| rollout.overrides.iter().map(|it| (rollout.id, it)));
    all.map(|(id, it)| [id.to_string(), seen(it.who.as_str()), seen(&it.rule), seen(&it.why)])
        .collect()
}

/// One line of the log: number, when, who, object, what.
pub(super) fn logged(it: &Entry) -> [String; 5] {
    let clock = if it.is_clock_set { " (clock set by hand)" } else { "" };
    [
        it.seq.to_string(),
        format!("{}{clock}", when(it.at)),
        seen(it.actor.as_str()),
        it.change.object.to_string(),
        done(it),
    ]
}

/// `framed`, as the entry names it.
fn done(it: &Entry) -> String {
    // Each change is `{kind: {what: …}}`, or `{kind: what}` where it has no fields.
    let value = serde_json::to_value(&it.change.what).unwrap_or_default();
    let inner = value.as_object().and_then(|it| it.values().next().cloned()).unwrap_or_default();
    let word = match &inner {
        Value::String(word) => word.clone(),
        Value::Object(fields) if fields.len() == 1 => {
            fields.keys().next().cloned().unwrap_or_default()
        }
        // A decision has its fields beside each other.
        Value::Object(fields) => match fields.get("verdict").and_then(Value::as_str) {
            Some(verdict) => format!("decided: {verdict}"),
            None => String::new(),
        },
        _ => String::new(),
    };
    state(&word)
}
