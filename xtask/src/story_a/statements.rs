//! What the story says of itself, checked at its end.

use anyhow::bail;
use serde_json::Value;

use crate::story_command::Fixloop;

#[derive(Default)]
pub(crate) struct Statements {
    held: Vec<(String, bool)>,
    notes: Vec<String>,
    /// Events that were new when they were collected.
    pub(crate) n_events: u64,
}

impl Statements {
    pub(crate) fn expect(&mut self, what: &str, holds: bool) {
        self.held.push((what.to_owned(), holds));
    }

    pub(crate) fn say(&mut self, what: &str) {
        self.notes.push(what.to_owned());
    }

    pub(crate) fn collected(&mut self, collected: &Value) {
        let number = |key: &str| collected[key].as_u64().unwrap_or(0);
        self.n_events += number("new_events");
        let refused = collected["refused"].as_object().is_some_and(|it| !it.is_empty());
        self.expect(
            "every batch that came was taken, and every event of it is new",
            !refused && number("new_events") == number("events"),
        );
    }

    /// The chain by the first evening: the bundle arrived, both arms saw something, and the holdout was told nothing.
    pub(crate) fn first_evening(&mut self, shown: &Value) {
        let arm = |name: &str| {
            shown["chain"]["arms"]
                .as_array()
                .into_iter()
                .flatten()
                .find(|it| it["arm"] == name)
                .cloned()
        };
        let counted =
            |name: &str, step: &str| arm(name).and_then(|it| it[step]["n"].as_u64()).unwrap_or(0);
        for name in ["treated", "holdout"] {
            self.expect(
                &format!("by the first evening the {name} arm has the bundle"),
                counted(name, "delivered") > 0,
            );
            self.expect(
                &format!("by the first evening the {name} arm has counted exposures"),
                counted(name, "seen") > 0,
            );
        }
        let silent = shown["chain"]["unjoined"]["shown_in_holdout"].as_u64().unwrap_or(0);
        self.expect("the holdout was shown nothing", silent == 0);
        self.expect("first telemetry is on the record", shown["first_telemetry"].is_string());
    }

    /// Fails if a statement does not hold.
    pub(crate) fn check(&mut self, fixloop: &mut Fixloop) -> anyhow::Result<()> {
        fixloop.run(&["program", "clock"])?;
        let failed: Vec<&str> = self.held.iter().filter(|it| !it.1).map(|it| &*it.0).collect();
        if fixloop.is_quiet() && failed.is_empty() {
            return Ok(());
        }
        for note in &self.notes {
            println!("{note}");
        }
        println!(
            "{} statements hold, {} do not; {} events",
            self.held.len() - failed.len(),
            failed.len(),
            self.n_events
        );
        if failed.is_empty() {
            return Ok(());
        }
        bail!("does not hold: {}", failed.join("; "))
    }
}
