//! Draft exposures from events.

use super::*;
use crate::{Cleared, DraftExposure, Event, EventId, SourceId, drafts};

/// One letter and what happened: `A+` shown, `A=fixed` cleared, `A!` fix applied; `|` another session. One a day.
fn events(story: &str) -> Vec<Event> {
    let mut session = 1;
    let mut events = Vec::new();
    for (day, step) in story.split_whitespace().enumerate() {
        if step == "|" {
            session += 1;
            continue;
        }
        if step == "." {
            continue;
        }
        let exposure = ExposureId::new([step.as_bytes()[0]; 16]);
        let kind = match &step[1..] {
            "+" => Kind::AlertShown,
            "!" => Kind::FixApplied,
            "=fixed" => Kind::AlertCleared { how: Cleared::Fixed },
            "=removed" => Kind::AlertCleared { how: Cleared::Removed },
            "=suppressed" => Kind::AlertCleared { how: Cleared::Suppressed },
            "=closed" => Kind::AlertCleared { how: Cleared::FileClosed },
            other => panic!("{other}"),
        };
        let day = i64::try_from(day).unwrap();
        let seq = u64::try_from(day).unwrap() + 1;
        events.push(Event {
            event_id: EventId::new(day, &[0; 10]),
            source: SourceId::new([1; 16]),
            seq,
            session: SessionId::new([session; 16]),
            at: moment(day * DAY),
            kind,
            subject: Some(Subject { exposure, ..subject() }),
        });
    }
    events
}

fn describe(draft: &DraftExposure) -> String {
    let day = |time: Timestamp| (time.0 - NOON) / DAY;
    let name = &draft.exposure().to_string()[..2];
    let name = char::from(u8::from_str_radix(name, 16).unwrap());
    let end = match (draft.ended, draft.how) {
        (Some(ended), Some(how)) => format!("{} {}", day(ended), how.as_str()),
        _ => "open".to_owned(),
    };
    let again =
        if draft.n_reopened > 0 { format!(", back {}", draft.n_reopened) } else { String::new() };
    let fix = if draft.fix_applied { ", fix applied" } else { "" };
    format!("{name} {}–{end}{again}{fix}", day(draft.opened))
}

#[track_caller]
fn check(story: &str, expected: &[&str]) {
    let mut events = events(story);
    let described: Vec<String> = drafts(&events).iter().map(describe).collect();
    assert_eq!(described, expected);
    // The order of the events and their repetition do not matter.
    events.reverse();
    let again = events.clone();
    events.extend(again);
    assert_eq!(drafts(&events).iter().map(describe).collect::<Vec<_>>(), expected);
}

#[test]
fn shown_opens_and_cleared_ends() {
    check("", &[]);
    check("A+", &["A 0–open"]);
    check("A+ A=fixed", &["A 0–1 fixed"]);
    check("A+ B+ A=removed . B=suppressed", &["A 0–2 removed", "B 1–4 suppressed"]);
    check("A+ A! A=fixed B+ B=fixed", &["A 0–2 fixed, fix applied", "B 3–4 fixed"]);
}

#[test]
fn shown_twice_is_one_exposure() {
    check("A+ | A+ A=fixed", &["A 0–3 fixed"]);
}

#[test]
fn what_comes_back_within_14_days_never_went() {
    check("A+ A=fixed A+ A=removed", &["A 0–3 removed, back 1"]);
    let pause = ". ".repeat(14);
    check(&format!("A+ A=fixed {pause} A+ A=fixed"), &["A 0–1 fixed", "A 16–17 fixed"]);
    check("A+ A=suppressed A+", &["A 0–1 suppressed", "A 2–open"]);
}

#[test]
fn a_closed_file_ends_only_what_is_known() {
    let pause = ". ".repeat(30);
    check("A+ A=closed", &["A 0–1 file_closed"]);
    check(&format!("A+ A=closed {pause} A+ A=fixed"), &["A 0–33 fixed"]);
    check("A+ A=closed A=fixed", &["A 0–2 fixed"]);
    check("A+ A=fixed A=closed", &["A 0–1 fixed"]);
}

#[test]
fn an_end_without_a_beginning_is_passed_over() {
    check("A=fixed B+ A! C=closed", &["B 1–open"]);
}

#[test]
fn durations_are_of_the_monotonic_clock_within_a_session() {
    let mut one = events("A+ A=fixed");
    // The wall clock went back a year meanwhile.
    one[1].at.occurred_at.0 -= 365 * DAY;
    assert_eq!(drafts(&one)[0].open_us, Some(u64::try_from(DAY).unwrap()));
    let mut two = events("A+ | A=fixed");
    assert_eq!(drafts(&two)[0].open_us, Some(u64::try_from(2 * DAY).unwrap()));
    two[1].at.occurred_at.0 -= 365 * DAY;
    assert_eq!(drafts(&two)[0].open_us, None);
}

#[test]
fn installations_do_not_mix() {
    let mut both = events("A+ A=fixed");
    both[1].source = SourceId::new([2; 16]);
    assert_eq!(drafts(&both).iter().map(describe).collect::<Vec<_>>(), ["A 0–open"]);
}
