//! Printing a page, empty or filled in.

use std::fmt::Write as _;

use super::{Page, Section};
use crate::interviews::candidates::Case;
use crate::record::Problem;

/// What stands on every page: how it is done today, tools and tricks, the last time, a magic wand, what was not asked.
///
/// Source: Alvarez, Lean Customer Development, 2014, chapter 4.
pub fn questions() -> [&'static str; 5] {
    [
        "How do you keep the packages of your projects up to date today?",
        "What tools and tricks do you use for that?",
        "Tell me about the last time: what happened just before, and what just after?",
        "If you had a magic wand, what would be different tomorrow?",
        "What should I have asked?",
    ]
}

/// The page; `about` is what is tested and the case to ask for, which are not read again.
pub fn print(page: &Page, about: Option<&Problem>, case: Option<&Case>) -> String {
    let mut out = String::new();
    head(page, about, &mut out);
    let [today, tools, last_time, wand, what_else] = questions();
    section(Section::Quotes, &mut out);
    hint("Word for word, each on a line that begins with >. One is enough.", &mut out);
    quotes(&page.quotes, &mut out);
    section(Section::Today, &mut out);
    line(today, &mut out);
    section(Section::Tools, &mut out);
    line(tools, &mut out);
    bullets(&page.workarounds, &mut out);
    section(Section::LastTime, &mut out);
    line(last_time, &mut out);
    match case {
        Some(case) => line(&format!("The case: {}", one_line(&case.words)), &mut out),
        None => hint("No recent case of this team is known: let them choose one.", &mut out),
    }
    bullets(&page.past_behavior, &mut out);
    section(Section::Wand, &mut out);
    line(wand, &mut out);
    section(Section::Else, &mut out);
    line(what_else, &mut out);
    after(page, &mut out);
    out
}

fn head(page: &Page, about: Option<&Problem>, out: &mut String) {
    let problem = page.problem.map_or_else(String::new, |it| it.to_string());
    line(&format!("# Interview about {problem}"), out);
    hint(
        "Required: team, date, stance and one quote. All else may stay empty, or wait until after the call.",
        out,
    );
    if let Some(about) = about {
        line(&format!("To be proved wrong, and not read out: {}", one_line(&about.believe)), out);
    }
    let stance = page.stance.map_or("(for, against or neither)", |it| it.as_str());
    let date = page.date.map_or_else(|| "(2026-03-31)".to_owned(), |it| it.to_string());
    let fields: [(&str, &str); 4] =
        [("problem", &*problem), ("team", &page.team), ("date", &date), ("stance", stance)];
    write_fields(&fields, out);
}

fn after(page: &Page, out: &mut String) {
    let word = |it: Option<bool>| match it {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    };
    let text = |it: &Option<String>| it.clone().unwrap_or_default();
    section(Section::After, out);
    hint(
        "The same day, all optional. Interviewee: no name, as in developer 2. Unprompted: they raised it before they were asked. Bothered: visibly.",
        out,
    );
    let fields: [(&str, &str); 7] = [
        ("interviewee", &text(&page.interviewee)),
        ("role", &text(&page.role)),
        ("interviewer", &text(&page.interviewer)),
        ("note taker", &text(&page.note_taker)),
        ("medium", &text(&page.medium)),
        ("unprompted", word(page.is_unprompted)),
        ("bothered", word(page.is_bothered)),
    ];
    write_fields(&fields, out);
    section(Section::Surprises, out);
    hint("What you did not expect, one a line.", out);
    bullets(&page.surprises, out);
    section(Section::Referrals, out);
    hint("Whom to talk to next, one a line.", out);
    bullets(&page.referrals, out);
    section(Section::Debrief, out);
    hint("Five lines at most.", out);
    if let Some(debrief) = &page.debrief {
        line(&one_line(debrief), out);
    }
}

fn write_fields(fields: &[(&str, &str)], out: &mut String) {
    for (key, value) in fields {
        let text = format!("{key}: {}", one_line(value));
        // Writing to a text cannot fail.
        let _ = writeln!(out, "{}", text.trim_end());
    }
    out.push('\n');
}

fn section(it: Section, out: &mut String) {
    line(&format!("## {}", it.heading()), out);
}

fn line(text: &str, out: &mut String) {
    out.extend([text, "\n\n"]);
}

fn hint(text: &str, out: &mut String) {
    out.extend(["<!-- ", text, " -->\n\n"]);
}

fn quotes(quotes: &[String], out: &mut String) {
    if quotes.is_empty() {
        return line(">", out);
    }
    for it in quotes {
        out.extend(["> ", &*one_line(it), "\n"]);
    }
    out.push('\n');
}

fn bullets(items: &[String], out: &mut String) {
    for it in items {
        out.extend(["- ", &*one_line(it), "\n"]);
    }
    if !items.is_empty() {
        out.push('\n');
    }
}

/// Foreign text stays on its line.
fn one_line(text: &str) -> String {
    text.split(char::is_control).filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ")
}
