//! When to change the script, to doubt the hypothesis, and to stop asking.
//!
//! After 2 fix the script; by 5 somebody is visibly bothered, or the hypothesis is framed anew; by 10 patterns repeat; done when 3 in a row
//! bring no surprise. Source: Alvarez, Lean Customer Development, 2014, chapters 4 to 6.

use serde::Serialize;

use crate::record::{Interview, Stance};
use crate::words::counted;

const FIX_THE_SCRIPT: usize = 2;
const SOMEBODY_IS_BOTHERED: usize = 5;
const PATTERNS_REPEAT: usize = 10;
const QUIET_IN_A_ROW: usize = 3;

/// How far the interviews about one hypothesis are.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StopRule {
    pub n: usize,
    pub n_for: usize,
    pub n_against: usize,
    pub n_neither: usize,
    /// Raised before they were asked; of how many that was noted.
    pub unprompted: (usize, usize),
    /// Visibly bothered; of how many that was noted.
    pub bothered: (usize, usize),
    /// Interviews at the end of the list that note no surprise.
    pub n_without_surprise: usize,
    /// Nothing new comes any more.
    pub is_done: bool,
    /// What to do, in sentences.
    pub advice: Vec<String>,
}

/// Of the interviews about one hypothesis, the oldest first.
pub fn stop_rule(interviews: &[&Interview]) -> StopRule {
    let n_of = |stance: Stance| interviews.iter().filter(|it| it.notes.stance == stance).count();
    let told = |of: fn(&Interview) -> Option<bool>| {
        let told: Vec<bool> = interviews.iter().filter_map(|it| of(it)).collect();
        (told.iter().filter(|it| **it).count(), told.len())
    };
    let quiet = interviews.iter().rev().take_while(|it| it.notes.surprises.is_empty());
    let n_without_surprise = quiet.count();
    let n = interviews.len();
    let mut rule = StopRule {
        n,
        n_for: n_of(Stance::For),
        n_against: n_of(Stance::Against),
        n_neither: n_of(Stance::Neither),
        unprompted: told(|it| it.notes.is_unprompted),
        bothered: told(|it| it.notes.is_bothered),
        n_without_surprise,
        is_done: n >= SOMEBODY_IS_BOTHERED && n_without_surprise >= QUIET_IN_A_ROW,
        advice: Vec::new(),
    };
    rule.advice = advice(&rule);
    rule
}

fn advice(rule: &StopRule) -> Vec<String> {
    let n = rule.n;
    let mut advice = Vec::new();
    if n < FIX_THE_SCRIPT {
        advice.push("After 2, mend the script: which question brought a story?".to_owned());
    } else if n == FIX_THE_SCRIPT {
        advice.push("2 are done: mend the script now. Which question brought a story, and which only yes, no or an opinion?".to_owned());
    }
    let (n_bothered, n_told) = rule.bothered;
    if n < SOMEBODY_IS_BOTHERED {
        advice.push(format!("By 5, somebody has to be visibly bothered: {n_bothered} so far."));
    } else if n_bothered == 0 {
        let unknown = match n - n_told {
            0 => String::new(),
            it => format!(" (of {it} it was not noted)"),
        };
        advice.push(format!("Nobody of {n} is visibly bothered{unknown}: frame the hypothesis anew, or ask the teams with the worst cases."));
    }
    if n >= PATTERNS_REPEAT {
        advice.push(format!(
            "{n} were asked: patterns have to repeat by now. For {}, against {}, neither {}; raised unprompted by {} of {}.",
            rule.n_for, rule.n_against, rule.n_neither, rule.unprompted.0, rule.unprompted.1
        ));
    } else {
        advice.push(format!(
            "By 10, patterns have to repeat: {} to go.",
            counted(PATTERNS_REPEAT - n, "interview", "interviews")
        ));
    }
    advice.push(if rule.is_done {
        format!(
            "The last {} note no surprise: done, unless the verdict asks for more.",
            rule.n_without_surprise
        )
    } else {
        format!(
            "Done when 3 in a row bring no surprise, after 5 at least: {} now.",
            rule.n_without_surprise
        )
    });
    advice
}
