use std::collections::BTreeSet;

use fixloop_model::{Class, Ending, Exposure, Opportunity, Regression, Timestamp};
use jiff::civil::date;
use proptest::prelude::*;

use super::candidates::{Candidate, Candidates, Focus, Side, candidates, case_of, in_words};
use super::page::{MAX_BYTES, Page, PageError, Question, print, questions, read};
use super::*;
use crate::alerts::{Alert, State};
use crate::evidence::Mined;
use crate::record::{Interview, InterviewNotes, Kind, ObjectId, Record, Stance};

const DAY: i64 = 86_400_000_000;
/// 2024-12-31.
const CUT: i64 = 20_088;

fn at(day: i64) -> Timestamp {
    Timestamp(day * DAY)
}

/// Came in and ended on these days before the cut, and was public long before.
fn opportunity(team: &str, name: &str, introduced: i64, end: Option<i64>) -> Opportunity {
    let (introduced, end) = (at(CUT - introduced), end.map(|it| at(CUT - it)));
    Opportunity {
        id: format!("{team}:package-lock.json#npm/{name}#{}", introduced.0),
        exposures: Vec::new(),
        repository: team.to_owned(),
        target: format!("{team}:package-lock.json"),
        team: Some(team.to_owned()),
        ecosystem: "npm".to_owned(),
        name: name.to_owned(),
        class: Class::Vulnerability,
        introduced,
        disclosed: at(10_000),
        left_truncated: false,
        start: introduced,
        entry: introduced,
        end,
        last_seen: end.unwrap_or(at(CUT)),
        outcome: if end.is_some() { Ending::Upgraded } else { Ending::Open },
        severity: None,
        direct: None,
        scope: None,
        n_regressions: 0,
        introducing_commit: "c1".to_owned(),
        fixing_commit: None,
    }
}

fn exposure(of: &Opportunity, regressions: Vec<Regression>) -> Exposure {
    Exposure {
        opportunity: of.id.clone(),
        repository: of.repository.clone(),
        target: of.target.clone(),
        ecosystem: of.ecosystem.clone(),
        name: of.name.clone(),
        ids: vec!["GHSA-1".to_owned()],
        class: of.class,
        severity: None,
        introduced: of.introduced,
        left_truncated: of.left_truncated,
        disclosed: of.disclosed,
        start: of.start,
        entry: of.entry,
        end: of.end,
        last_seen: of.last_seen,
        outcome: of.outcome,
        direct: None,
        scope: None,
        version_before: "1.0.0".to_owned(),
        version_after: None,
        introducing_commit: of.introducing_commit.clone(),
        fixing_commit: None,
        regressions,
    }
}

fn undone(upgraded: i64, reverted: i64) -> Regression {
    Regression {
        upgraded: at(CUT - upgraded),
        upgrading_commit: "u".to_owned(),
        upgraded_version: "2.0.0".to_owned(),
        reverted: at(CUT - reverted),
        reverting_commit: "r".to_owned(),
        reverted_version: "1.0.0".to_owned(),
    }
}

fn alert(repository: &str, name: &str, created: i64) -> Alert {
    Alert {
        repository: format!("acme/{repository}"),
        number: 1,
        ecosystem: "npm".to_owned(),
        name: name.to_owned(),
        ids: vec!["GHSA-1".to_owned()],
        manifest_path: "package-lock.json".to_owned(),
        state: State::Open,
        created: at(CUT - created),
        updated: at(CUT - created),
        closed: None,
        dismissed_reason: None,
    }
}

fn with(rows: Vec<(Opportunity, Vec<Regression>)>, ask: impl FnOnce(Mined<'_>)) {
    let mut exposures = Vec::new();
    let opportunities: Vec<Opportunity> = rows
        .into_iter()
        .map(|(mut it, regressions)| {
            it.exposures = vec![exposures.len()];
            exposures.push(exposure(&it, regressions));
            it
        })
        .collect();
    let counted: Vec<&Opportunity> = opportunities.iter().collect();
    ask(Mined { opportunities: &counted, exposures: &exposures, cut: at(CUT) });
}

fn said(found: &Candidates) -> Vec<String> {
    let line = |it: &Candidate| {
        let side = if it.side == Side::Worst { "worst" } else { "best" };
        let mark = if it.is_interviewed { " (interviewed)" } else { "" };
        format!("{side} {}{mark}: {}", it.team, it.case.words)
    };
    found.teams.iter().map(line).collect()
}

#[test]
fn the_worst_and_the_best_recent_cases_are_named() {
    let rows = vec![
        (opportunity("api", "alpha", 60, Some(10)), vec![]),
        (opportunity("jobs", "beta", 303, None), vec![]),
        (opportunity("web", "gamma", 40, Some(38)), vec![]),
        (opportunity("web", "delta", 41, Some(41)), vec![]),
        (opportunity("old", "alpha", 400, Some(300)), vec![]),
        (opportunity("docs", "alpha", 60, Some(30)), vec![]),
    ];
    with(rows, |mined| {
        let interviewed = BTreeSet::from(["web"]);
        let found = candidates(mined, None, Focus::Known, &interviewed);
        assert_eq!(
            said(&found),
            [
                "worst jobs: beta 1.0.0 came in on 3 March, still open after 303 days",
                "worst api: alpha 1.0.0 came in on 1 November, fixed after 50 days",
                "best web (interviewed): delta 1.0.0 came in on 20 November, fixed the same day",
                "best docs: alpha 1.0.0 came in on 1 November, fixed after 30 days",
            ]
        );
        assert_eq!(found.n_teams_with_a_case, 4);
        let words = |team: &str| case_of(mined, None, Focus::Undone, team).map(|it| it.words);
        assert_eq!(
            words("docs").as_deref(),
            Some("alpha 1.0.0 came in on 1 November, fixed after 30 days")
        );
        assert_eq!(words("old"), None);
    });
}

#[test]
fn what_the_hypothesis_predicts_decides_the_case() {
    let rows = vec![
        (opportunity("api", "alpha", 60, None), vec![undone(40, 38), undone(20, 20)]),
        (opportunity("web", "alpha", 100, Some(70)), vec![]),
        (opportunity("jobs", "alpha", 30, Some(5)), vec![undone(25, 15)]),
        (opportunity("docs", "alpha", 30, None), vec![]),
    ];
    with(rows, |mined| {
        let found = candidates(mined, None, Focus::Undone, &BTreeSet::new());
        assert_eq!(
            said(&found),
            [
                "worst jobs: alpha was upgraded to 2.0.0 on 6 December, and was back at 1.0.0 after 10 days",
                "worst api: alpha was upgraded to 2.0.0 on 11 December, and was back at 1.0.0 the same day",
                "best web: alpha 1.0.0 came in on 22 September, fixed after 30 days",
            ]
        );
        let alerts = [alert("api", "alpha", 10), alert("web", "alpha", 99)];
        let found = candidates(mined, Some(&alerts), Focus::LateAlert, &BTreeSet::new());
        assert_eq!(
            said(&found),
            [
                "worst api: alpha 1.0.0 came in on 1 November, first alerted after 50 days, still open after 60 days",
                "best web: alpha 1.0.0 came in on 22 September, first alerted after 1 day, fixed after 30 days",
            ]
        );
        let found = candidates(mined, None, Focus::LateAlert, &BTreeSet::new());
        assert_eq!((found.focus, found.notes.len()), (Focus::Open, 1));
    });
}

#[test]
fn nothing_mined_names_nobody() {
    with(Vec::new(), |mined| {
        let found = candidates(mined, None, Focus::Open, &BTreeSet::new());
        assert!(found.teams.is_empty());
    });
}

#[test]
fn dates_are_in_words() {
    assert_eq!(in_words(date(2024, 3, 3), 2024), "3 March");
    assert_eq!(in_words(date(2023, 12, 31), 2024), "31 December 2023");
}

const FILLED: &str = "# Interview about problem-2
problem: problem-2
team: web
date: 2026-03-03
stance: For

## Quotes
> We learn of it when the release is out.
>
## 3 The last time
Tell me about the last time: what happened just before, and what just after?
The case: lodash 4.17.15 came in on 3 March, fixed after 41 days
- they searched all repositories by hand
> it took a week
## After the call
unprompted: yes
bothered:
## Surprises
- none
";

#[test]
fn a_page_needs_four_answers() {
    let page = read(FILLED).unwrap();
    assert_eq!((&*page.team, page.date), ("web", Some(date(2026, 3, 3))));
    assert_eq!(page.stance, Some(Stance::For));
    assert_eq!(page.quotes, ["We learn of it when the release is out.", "it took a week"]);
    assert_eq!(page.past_behavior, ["they searched all repositories by hand", "it took a week"]);
    assert_eq!((page.is_unprompted, page.is_bothered), (Some(true), None));
    assert_eq!(page.surprises, [] as [&str; 0]);
    assert_eq!(page.questions.len(), 1);
}

#[test]
fn what_is_missing_is_told_with_its_line() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(read(text).unwrap_err().to_string(), expected);
    }
    let without = |line: &str, other: &str| FILLED.replace(line, other);
    check(
        &without("team: web", "team:"),
        "the page is not filled in: line 3: `team:` is empty: whose people were asked",
    );
    check(
        &without("date: 2026-03-03", "date: 3/3"),
        "the page is not filled in: line 4: `3/3` is no day such as 2026-03-31",
    );
    check(
        &without("stance: For", "stance: (for, against or neither)"),
        "the page is not filled in: line 5: `stance:` is empty: for, against or neither",
    );
    check(
        &without("> ", "- "),
        "the page is not filled in: line 7: `> …` is empty: one sentence word for word, on a line that begins with >",
    );
    check(
        &without("unprompted: yes", "unprompted: perhaps"),
        "the page is not filled in: line 16: `unprompted: perhaps` is neither yes nor no",
    );
    check(
        &without("## Surprises", "<!-- "),
        "the page is not filled in: line 18: a comment begins and does not end: -->",
    );
    check(
        "",
        "the page is not filled in: no line `problem:`: which hypothesis, as in problem-1; no line `team:`: whose people were asked; no line `date:`: the day, as in 2026-03-31; no line `stance:`: for, against or neither; no line `> …`: one sentence word for word, on a line that begins with >",
    );
    assert_eq!(read(&"x\n".repeat(MAX_BYTES)), Err(PageError::TooLarge));
}

#[test]
fn an_empty_page_asks_for_its_answers_and_breaks_no_rule() {
    let problem = Some(ObjectId::new(Kind::Problem, 1));
    let page = Page { problem, team: "we\nb".to_owned(), ..Page::default() };
    let text = print(&page, None, None);
    let error = read(&text).unwrap_err().to_string();
    assert_eq!(
        error,
        "the page is not filled in: line 7: `date:` is empty: the day, as in 2026-03-31; line 8: `stance:` is empty: for, against or neither; line 10: `> …` is empty: one sentence word for word, on a line that begins with >"
    );
    assert!(text.contains("team: we b\n"));
    let asked = questions().map(|it| Question { line: 1, text: it.to_owned() });
    assert_eq!(lints(&asked, &[]), [] as [&str; 0]);
}

#[test]
fn questions_are_held_against_the_rules() {
    #[track_caller]
    fn check(asked: &str, expected: &[&str]) {
        let question = |line, text: &str| Question { line, text: text.to_owned() };
        let asked = [question(7, asked), question(9, "What about an alert in the editor?")];
        assert_eq!(lints(&asked, &["Red Squares"]), expected);
    }
    check("How did you investigate?", &[]);
    check(
        "Would you use that?",
        &["line 7: `would you` asks for a guess: ask what was done the last time"],
    );
    check(
        "Do you update packages?",
        &["line 7: `do` opens a question that yes or no answers: how, what or when"],
    );
    check(
        "What do red squares in the editor tell you?",
        &[
            "line 7: `editor` is a solution: speak of none before the last question",
            "line 7: `red squares` is a solution: speak of none before the last question",
        ],
    );
    check("How annoying is it?", &["line 7: `annoying` leads: let them say how it was"]);
}

fn notes(stance: Stance) -> InterviewNotes {
    let page = read(FILLED).unwrap();
    InterviewNotes { stance, ..page.notes(Vec::new(), "digest".to_owned()).unwrap() }
}

fn advice(all: Vec<InterviewNotes>) -> StopRule {
    let mut record = Record::default();
    for (n, notes) in (1..).zip(all) {
        let id = ObjectId::new(Kind::Interview, n);
        let interview = Interview { id, state: "filed", notes, history: Vec::new() };
        record.interviews.insert(n, interview);
    }
    let interviews: Vec<_> = record.interviews.values().collect();
    stop_rule(&interviews)
}

#[test]
fn the_stop_rule_says_what_to_do_next() {
    assert_eq!(
        advice(Vec::new()).advice,
        [
            "After 2, mend the script: which question brought a story?",
            "By 5, somebody has to be visibly bothered: 0 so far.",
            "By 10, patterns have to repeat: 10 interviews to go.",
            "Done when 3 in a row bring no surprise, after 5 at least: 0 now.",
        ]
    );
    let surprised = InterviewNotes { surprises: vec!["x".to_owned()], ..notes(Stance::For) };
    let two = advice(vec![notes(Stance::For), surprised.clone()]);
    assert!(two.advice[0].starts_with("2 are done: mend the script now."));
    assert!(!two.is_done);
    let bothered = InterviewNotes { is_bothered: Some(false), ..notes(Stance::Against) };
    let five = advice([vec![surprised], vec![bothered; 4]].concat());
    assert_eq!((five.n, five.n_for, five.n_against, five.is_done), (5, 1, 4, true));
    assert_eq!(
        five.advice[0],
        "Nobody of 5 is visibly bothered (of 1 it was not noted): frame the hypothesis anew, or ask the teams with the worst cases."
    );
    let ten = advice(vec![notes(Stance::For); 10]);
    assert!(ten.advice[1].starts_with("10 were asked: patterns have to repeat by now. For 10"));
}

#[test]
fn reasons_of_editors_are_counted_with_their_comments() {
    let bodies = [
        r#"{"kind":"not_useful","reason":"wrong","comment":"we ship no server"}"#,
        r#"{"kind":"not_useful","reason":"wrong","comment":null}"#,
        r#"{"kind":"not_useful","reason":"cannot_now","comment":" "}"#,
        r#"{"reason":"because"}"#,
        "{",
    ];
    let found = editor_reasons(bodies.into_iter());
    assert_eq!((found.wrong, found.not_mine, found.cannot_now, found.unreadable), (2, 0, 1, 2));
    assert_eq!(found.n(), 5);
    assert_eq!(found.comments.len(), 1);
    assert_eq!(found.comments[0].words, "we ship no server");
}

/// Text as it stands on one line: no markup at its start, no question, nothing that means empty.
fn words() -> impl Strategy<Value = String> {
    "[a-zA-Zäß*:<>(1][^\\p{C}?]{0,30}[a-z.]".prop_filter("no markup, no hint", |it| {
        let starts = ["<!--", ">", "The case:", "* ", "#"];
        it.trim() == it && !starts.iter().any(|start| it.starts_with(start)) && it != "none"
    })
}

fn pages() -> impl Strategy<Value = Page> {
    let list = || proptest::collection::vec(words(), 0..3);
    let word = || proptest::option::of("[a-z]{2,9}x");
    let bit = || proptest::option::of(any::<bool>());
    let days = (1i16..2000, 1i8..13, 1i8..29);
    let required = (1u32..99, "[a-z]{2,9}x", days, 0usize..3, "[a-z]{1,9} x");
    let of_call = (word(), word(), word(), word(), word(), bit(), bit());
    let after = (list(), list(), list(), list(), proptest::option::of(words()));
    (required, of_call, after).prop_map(|(required, of_call, after)| {
        let (problem, team, (year, month, day), stance, quote) = required;
        let (interviewee, role, interviewer, note_taker, medium, is_unprompted, is_bothered) =
            of_call;
        let (past_behavior, workarounds, surprises, referrals, debrief) = after;
        Page {
            problem: Some(ObjectId::new(Kind::Problem, problem)),
            team,
            date: Some(date(year, month, day)),
            stance: Some([Stance::For, Stance::Against, Stance::Neither][stance]),
            quotes: vec![quote],
            interviewee,
            role,
            interviewer,
            note_taker,
            medium,
            is_unprompted,
            is_bothered,
            past_behavior,
            workarounds,
            surprises,
            referrals,
            debrief,
            questions: Vec::new(),
        }
    })
}

proptest! {
    #[test]
    fn any_text_is_read_or_told(text in "(.{0,20}|problem: problem-1|team: a|date: 2026-01-01|stance: for|> q|<!--|-->|## Debrief\n){0,12}") {
        let _ = read(&text);
    }

    #[test]
    fn any_lines_are_read_or_told(lines in proptest::collection::vec("(problem: problem-1|team: .{0,9}|date: .{0,10}|stance: .{0,7}|> .{0,9}|<!-- .{0,5}|-->|#.{0,12}|.{0,20})", 0..20)) {
        let text = lines.join("\n");
        if let Ok(page) = read(&text) {
            prop_assert!(page.notes(Vec::new(), String::new()).is_some());
        }
    }

    #[test]
    fn what_is_printed_is_read_as_it_was(page in pages()) {
        let read = read(&print(&page, None, None)).unwrap();
        prop_assert_eq!(read.questions.len(), questions().len());
        prop_assert_eq!(Page { questions: Vec::new(), ..read }, page);
    }
}
