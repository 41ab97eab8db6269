//! How a row ended, from its status cell.

use fixloop_model::Ending;

/// The status codes that are the event.
pub(super) struct Codes {
    events: Vec<String>,
    /// No other code than the usual one was asked for, so words mean what they say.
    pub(super) is_usual: bool,
}

impl Codes {
    pub(super) fn new(written: &[String]) -> Self {
        let mut events: Vec<String> = written.iter().map(|it| normalized(it)).collect();
        events.dedup();
        let is_usual = matches!(&*events, [one] if one == "1");
        Self { events, is_usual }
    }

    /// `None` if the cell says nothing that is known.
    pub(super) fn ending(&self, cell: &str) -> Option<Ending> {
        let code = normalized(cell);
        if self.events.contains(&code) {
            return Some(if code == "removed" { Ending::Removed } else { Ending::Upgraded });
        }
        let ending = match &*code {
            "0" | "open" | "censored" => Ending::Open,
            "withdrawn" => Ending::Withdrawn,
            "upgraded" | "fixed" if self.is_usual => Ending::Upgraded,
            "removed" if self.is_usual => Ending::Removed,
            "upgraded" | "fixed" | "removed" | "suppressed" | "ignored" => Ending::Suppressed,
            number => {
                number.parse().ok().filter(|it: &f64| it.is_finite())?;
                Ending::Suppressed
            }
        };
        Some(ending)
    }

    pub(super) fn listed(&self) -> &[String] {
        &self.events
    }

    /// The codes in words.
    pub(super) fn written(&self) -> String {
        let words = if self.is_usual { " (or upgraded, removed, fixed)" } else { "" };
        format!("{}{words}", self.events.join(" or "))
    }
}

/// Lower case; a number as it is written shortest (`1` of `1.0`), R's logical values as numbers.
fn normalized(cell: &str) -> String {
    let word = cell.trim().to_lowercase();
    match &*word {
        "true" => return "1".to_owned(),
        "false" => return "0".to_owned(),
        _ => {}
    }
    match word.parse::<f64>() {
        Ok(number) if number.is_finite() => (number + 0.0).to_string(),
        _ => word,
    }
}
