//! What a page's questions do against the rules of interviewing. Told, and never in the way.
//!
//! Ask what was done and not what would be done; name no solution before the last question; leave no yes or no to answer.

use super::page::Question;

/// Words of solutions, which make people talk about the solution.
const SOLUTION_WORDS: [&str; 14] = [
    "alert",
    "alerts",
    "autofix",
    "bot",
    "build break",
    "break the build",
    "editor",
    "extension",
    "fixloop",
    "gate",
    "plugin",
    "pop-up",
    "squiggle",
    "tooltip",
];

/// What opens a question that can be answered with yes or no.
const YES_NO: [&str; 24] = [
    "are", "aren't", "can", "can't", "could", "did", "didn't", "do", "does", "doesn't", "don't",
    "had", "has", "have", "haven't", "is", "isn't", "might", "should", "was", "were", "will",
    "won't", "would",
];

/// Words that put the answer into somebody's mouth.
const LEADING: [&str; 14] = [
    "agree",
    "annoying",
    "better",
    "difficult",
    "don't you",
    "frustrating",
    "frustrated",
    "hate",
    "isn't it",
    "obviously",
    "painful",
    "problem",
    "surely",
    "too late",
];

/// In the order of the page. `solutions` are names of what is tried for the hypothesis.
pub fn lints(questions: &[Question], solutions: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let last = questions.len().saturating_sub(1);
    for (place, question) in questions.iter().enumerate() {
        let text = plain(&question.text);
        let mut tell = |what: String| found.push(format!("line {}: {what}", question.line));
        for would in ["would you", "would your team"] {
            if contains(&text, would) {
                tell(format!("`{would}` asks for a guess: ask what was done the last time"));
            }
        }
        if place < last {
            let own = solutions.iter().map(|it| plain(it)).filter(|it| it.len() > 3);
            let words = SOLUTION_WORDS.iter().map(|it| (*it).to_owned()).chain(own);
            for word in words.filter(|it| contains(&text, it)) {
                tell(format!("`{word}` is a solution: speak of none before the last question"));
            }
        }
        let first = text.split(' ').next().unwrap_or_default();
        if YES_NO.contains(&first) && !contains(&text, "would you") {
            tell(format!("`{first}` opens a question that yes or no answers: how, what or when"));
        }
        for word in LEADING.iter().filter(|it| contains(&text, it)) {
            tell(format!("`{word}` leads: let them say how it was"));
        }
    }
    found
}

/// Lower case words with single spaces.
fn plain(text: &str) -> String {
    let is_word = |it: char| it.is_alphanumeric() || matches!(it, '\'' | '-');
    let text = text.to_lowercase().replace('’', "'");
    let words = text.split(|it| !is_word(it)).filter(|it| !it.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Whole words only: `gate` is not in `investigate`.
fn contains(text: &str, words: &str) -> bool {
    format!(" {text} ").contains(&format!(" {words} "))
}
