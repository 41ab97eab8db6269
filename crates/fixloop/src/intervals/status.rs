//! How a row ended, from its status cell.

use std::borrow::Cow;

use fixloop_model::Ending;

/// The status codes that are the event.
pub(crate) struct Codes {
    events: Vec<String>,
    /// No other code than the usual one was asked for, so words mean what they say.
    pub(crate) is_usual: bool,
}

impl Codes {
    pub(crate) fn new(written: &[String]) -> Self {
        let mut events: Vec<String> =
            written.iter().map(|it| normalized(it).into_owned()).collect();
        events.dedup();
        let is_usual = matches!(&*events, [one] if one == "1");
        Self { events, is_usual }
    }

    /// `None` if the cell says nothing that is known.
    pub(crate) fn ending(&self, cell: &str) -> Option<Ending> {
        let code = normalized(cell);
        if self.events.iter().any(|it| *it == code) {
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

    pub(crate) fn listed(&self) -> &[String] {
        &self.events
    }

    /// The codes in words.
    pub(crate) fn written(&self) -> String {
        let words = if self.is_usual { " (or upgraded, removed, fixed)" } else { "" };
        format!("{}{words}", self.events.join(" or "))
    }
}

/// Lower case; a number as it is written shortest (`1` of `1.0`), R's logical values as numbers.
fn normalized(cell: &str) -> Cow<'_, str> {
    let cell = cell.trim();
    if is_shortest(cell) {
        return Cow::Borrowed(cell);
    }
    let word = cell.to_lowercase();
    match &*word {
        "true" => return Cow::Borrowed("1"),
        "false" => return Cow::Borrowed("0"),
        _ => {}
    }
    match word.parse::<f64>() {
        Ok(number) if number.is_finite() => Cow::Owned((number + 0.0).to_string()),
        _ => Cow::Owned(word),
    }
}

/// A whole number written as it would be written anew; nearly every status is one, and needs no other text.
fn is_shortest(cell: &str) -> bool {
    // More digits may be more than a float has.
    let is_short = (1..=15).contains(&cell.len()) && cell.bytes().all(|it| it.is_ascii_digit());
    is_short && (cell.len() == 1 || !cell.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_compared_as_they_are_written_shortest() {
        for (cell, expected) in [
            ("1", "1"),
            (" 1.0 ", "1"),
            ("01", "1"),
            ("0", "0"),
            ("-0", "0"),
            ("00", "0"),
            ("TRUE", "1"),
            ("Upgraded", "upgraded"),
            ("123456789012345", "123456789012345"),
            ("12345678901234567890", "12345678901234567000"),
            ("1e3", "1000"),
            ("NaN", "nan"),
            ("", ""),
        ] {
            assert_eq!(normalized(cell), expected, "{cell}");
        }
    }
}
