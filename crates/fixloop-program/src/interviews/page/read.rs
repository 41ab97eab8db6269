//! Reading a page that somebody filled in.

use super::{MAX_BYTES, Page, PageError, Question, Section};
use crate::record::Stance;

/// What stands for an answer that was not given.
const EMPTY: [&str; 6] = ["", "-", "?", "…", "...", "none"];

/// Reads a page.
///
/// # Errors
/// If it is too large, or something required is missing or unreadable: with every line to mend.
pub fn read(text: &str) -> Result<Page, PageError> {
    if text.len() > MAX_BYTES {
        return Err(PageError::TooLarge);
    }
    let mut reader = Reader::default();
    for (place, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        reader.line(place + 1, line.trim());
    }
    reader.finish()
}

#[derive(Default)]
struct Reader {
    page: Page,
    section: Place,
    /// The line where an open comment began.
    comment: Option<usize>,
    debrief: Vec<String>,
    /// Where the required fields stand.
    lines: Lines,
    faults: Vec<String>,
}

/// Where we are; a page begins with its fields.
struct Place(Section);

impl Default for Place {
    fn default() -> Self {
        Self(Section::Fields)
    }
}

#[derive(Default)]
struct Lines {
    problem: Option<usize>,
    team: Option<usize>,
    date: Option<usize>,
    stance: Option<usize>,
    quotes: Option<usize>,
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) {
        if self.comment.is_some() || line.starts_with("<!--") {
            self.comment = if line.contains("-->") { None } else { self.comment.or(Some(number)) };
            return;
        }
        if let Some(heading) = line.strip_prefix('#') {
            self.section = Place(Section::of_heading(heading));
            if self.section.0 == Section::Quotes {
                self.lines.quotes = Some(number);
            }
            return;
        }
        if let Some(quote) = line.strip_prefix('>') {
            self.lines.quotes = self.lines.quotes.or(Some(number));
            return self.quote(quote.trim_start_matches('>').trim());
        }
        let text = unbulleted(line);
        if text.is_empty() || text.starts_with("The case:") {
            return;
        }
        let is_field = matches!(self.section.0, Section::Fields | Section::After);
        if text.ends_with('?') && !(is_field && text.contains(':')) {
            return self.page.questions.push(Question { line: number, text: text.to_owned() });
        }
        match self.section.0 {
            Section::Fields | Section::After => self.field(number, text),
            Section::Tools => note(text, &mut self.page.workarounds),
            Section::LastTime => note(text, &mut self.page.past_behavior),
            Section::Surprises => note(text, &mut self.page.surprises),
            Section::Referrals => note(text, &mut self.page.referrals),
            Section::Debrief => note(text, &mut self.debrief),
            Section::Quotes | Section::Today | Section::Wand | Section::Else => {}
        }
    }

    fn quote(&mut self, text: &str) {
        if EMPTY.contains(&text) {
            return;
        }
        self.page.quotes.push(text.to_owned());
        // In their own words is how the last time is told best.
        if self.section.0 == Section::LastTime {
            self.page.past_behavior.push(text.to_owned());
        }
    }

    fn field(&mut self, number: usize, text: &str) {
        let Some((key, value)) = text.split_once(':') else { return };
        let key = key.trim_matches(|it: char| !it.is_alphanumeric()).to_lowercase();
        let value = filled(value);
        let own = |value: Option<&str>| value.map(str::to_owned);
        let page = &mut self.page;
        match &*key {
            "problem" => {
                self.lines.problem = Some(number);
                if let Some(value) = value {
                    match value.parse() {
                        Ok(id) => page.problem = Some(id),
                        Err(reason) => self.faults.push(format!("line {number}: {reason}")),
                    }
                }
            }
            "team" => {
                self.lines.team = Some(number);
                value.unwrap_or_default().clone_into(&mut page.team);
            }
            "date" => {
                self.lines.date = Some(number);
                if let Some(value) = value {
                    match value.parse() {
                        Ok(date) => page.date = Some(date),
                        Err(_) => self
                            .faults
                            .push(format!("line {number}: `{value}` is no day such as 2026-03-31")),
                    }
                }
            }
            "stance" => {
                self.lines.stance = Some(number);
                self.stance(number, value);
            }
            "interviewee" => page.interviewee = own(value),
            "role" => page.role = own(value),
            "interviewer" => page.interviewer = own(value),
            "note taker" => page.note_taker = own(value),
            "medium" => page.medium = own(value),
            "unprompted" => page.is_unprompted = yes_or_no(number, &key, value, &mut self.faults),
            "bothered" => page.is_bothered = yes_or_no(number, &key, value, &mut self.faults),
            _ => {}
        }
    }

    fn stance(&mut self, number: usize, value: Option<&str>) {
        let Some(value) = value else { return };
        let all = [Stance::For, Stance::Against, Stance::Neither];
        match all.into_iter().find(|it| it.as_str().eq_ignore_ascii_case(value)) {
            Some(stance) => self.page.stance = Some(stance),
            None => {
                self.faults
                    .push(format!("line {number}: `{value}` is not for, against or neither"));
            }
        }
    }

    fn finish(mut self) -> Result<Page, PageError> {
        let Lines { problem, team, date, stance, quotes } = self.lines;
        // What cannot be read was told with its line.
        let is_told = |line: Option<usize>| {
            let of_line = |line: usize| format!("line {line}: ");
            line.is_some_and(|it| self.faults.iter().any(|fault| fault.starts_with(&of_line(it))))
        };
        let mut missing = Vec::new();
        let mut require = |is_there: bool, line: Option<usize>, (key, what): (&str, &str)| {
            if is_there || is_told(line) {
                return;
            }
            missing.push(match line {
                Some(line) => format!("line {line}: `{key}` is empty: {what}"),
                None => format!("no line `{key}`: {what}"),
            });
        };
        let page = &self.page;
        require(page.problem.is_some(), problem, ("problem:", "which hypothesis, as in problem-1"));
        require(!page.team.is_empty(), team, ("team:", "whose people were asked"));
        require(page.date.is_some(), date, ("date:", "the day, as in 2026-03-31"));
        require(page.stance.is_some(), stance, ("stance:", "for, against or neither"));
        let quote = ("> …", "one sentence word for word, on a line that begins with >");
        require(!page.quotes.is_empty(), quotes, quote);
        if let Some(line) = self.comment {
            missing.push(format!("line {line}: a comment begins and does not end: -->"));
        }
        self.faults.extend(missing);
        if !self.faults.is_empty() {
            return Err(PageError::Missing(self.faults));
        }
        self.page.debrief = (!self.debrief.is_empty()).then(|| self.debrief.join(" "));
        Ok(self.page)
    }
}

/// The text of a list item, or of a line.
fn unbulleted(line: &str) -> &str {
    let bullet = ["- ", "* ", "+ "].iter().find_map(|it| line.strip_prefix(it));
    let text = bullet.unwrap_or(line).trim();
    if matches!(text, "-" | "*" | "+") { "" } else { text }
}

fn note(text: &str, notes: &mut Vec<String>) {
    if !EMPTY.contains(&text) {
        notes.push(text.to_owned());
    }
}

/// A value that somebody wrote: what stands in brackets is the page's own hint.
fn filled(value: &str) -> Option<&str> {
    let value = value.trim().trim_start_matches("**").trim();
    let is_hint = value.starts_with('(') && value.ends_with(')');
    (!is_hint && !EMPTY.contains(&value)).then_some(value)
}

fn yes_or_no(
    number: usize,
    key: &str,
    value: Option<&str>,
    faults: &mut Vec<String>,
) -> Option<bool> {
    match &*value?.to_lowercase() {
        "yes" | "y" | "true" => Some(true),
        "no" | "n" | "false" => Some(false),
        other => {
            faults.push(format!("line {number}: `{key}: {other}` is neither yes nor no"));
            None
        }
    }
}
