//! From evidence to how a hypothesis reads, by the rule.

use super::*;

/// What `problem-1` reads with these predictions and evidence filed after one another.
fn read(
    predictions: Vec<Prediction>,
    filed: Vec<Filed>,
    interviews: Vec<InterviewNotes>,
) -> String {
    let mut it = Making::okr();
    it.make(|record| record.create_problem("x", id("kr-1"), (at(0), None), Vec::new()));
    it.make(|record| record.frame(id("problem-1"), predictions));
    for filed in filed {
        it.make(|record| record.file_evidence(filed));
    }
    for notes in interviews {
        it.make(|record| record.file_interview(notes));
    }
    reading(&it.record)
}

fn reading(record: &Record) -> String {
    let it = read_problem(record, record.problem(id("problem-1")).unwrap());
    let verdict = it.verdict.map_or("nothing", ProblemState::as_str);
    let mut text = verdict.to_owned();
    for reason in it.reasons {
        text.extend(["\n    ", &reason]);
    }
    for missing in it.missing {
        text.extend(["\n    missing: ", &missing]);
    }
    text
}

fn ceiling() -> Prediction {
    let query = Query::CeilingReact;
    Prediction { name: "p2".to_owned(), query, kill: 0.2, confirm: 0.2, min_n: 20 }
}

fn of(prediction: &str, verdict: &str, n: f64) -> Filed {
    let answer = Answer { prediction: prediction.to_owned(), n, ..answer(verdict) };
    Filed { answer: Some(answer), ..answered("problem-1", verdict) }
}

fn people(n: usize, stance: Stance, is_unprompted: Option<bool>) -> Vec<InterviewNotes> {
    let page = |n: usize| format!("{stance:?} {is_unprompted:?} {n}");
    let notes = |n| interview("problem-1", &page(n), stance);
    (0..n).map(|n| InterviewNotes { is_unprompted, ..notes(n) }).collect()
}

#[test]
fn telemetry_supports_or_rejects() {
    let one = |filed| read(vec![prediction()], filed, Vec::new());
    let blind = Answer { share: None, interval: None, n: 0.0, ..answer("cannot tell") };
    let blind = Filed { answer: Some(blind), ..answered("problem-1", "cannot tell") };
    insta::assert_snapshot!(table([
        ("not asked", one(vec![note("problem-1", Stance::For)])),
        ("supported", one(vec![of("p1", "supported", 30.0)])),
        ("rejected", one(vec![of("p1", "rejected", 30.0)])),
        ("open", one(vec![of("p1", "open", 30.0)])),
        ("cannot tell", one(vec![blind])),
        ("too few", one(vec![of("p1", "supported", 19.0)])),
        ("too few to reject", one(vec![of("p1", "rejected", 19.0)])),
        ("the latest counts", one(vec![of("p1", "rejected", 30.0), of("p1", "supported", 30.0)])),
    ]), @"
    not asked: nothing
        missing: p1 (upgrade-regressions) was not asked
    supported: supported
        upgrade-regressions: 40 % (30 % to 50 %), kill line 10 %, confirm line 25 %
        missing: 0 of 5 interviews tell what somebody did the last time
    rejected: rejected
        upgrade-regressions: 40 % (30 % to 50 %), kill line 10 %, confirm line 25 %
    open: nothing
        missing: upgrade-regressions is open: 40 % (30 % to 50 %), kill line 10 %, confirm line 25 %
    cannot tell: nothing
        missing: upgrade-regressions cannot tell: there is nothing to count
    too few: nothing
        missing: upgrade-regressions: 19 cases, 20 were wanted
    too few to reject: nothing
        missing: upgrade-regressions: 19 cases, 20 were wanted
    the latest counts: supported
        upgrade-regressions: 40 % (30 % to 50 %), kill line 10 %, confirm line 25 %
        missing: 0 of 5 interviews tell what somebody did the last time
    ");
}

#[test]
fn a_ceiling_rejects_and_supports_nothing() {
    let with = |verdict: &str| read(vec![ceiling()], vec![of("p2", verdict, 30.0)], Vec::new());
    let both = |ceiling_says: &str| {
        let filed = vec![of("p1", "supported", 30.0), of("p2", ceiling_says, 30.0)];
        read(vec![prediction(), ceiling()], filed, Vec::new())
    };
    insta::assert_snapshot!(table([
        ("high, alone", with("supported")),
        ("low, alone", with("rejected")),
        ("unknown, alone", with("cannot tell")),
        ("high, beside what was seen", both("supported")),
        ("low, beside what was seen", both("rejected")),
        ("unknown, beside what was seen", both("cannot tell")),
    ]), @"
    high, alone: nothing
        ceiling-react does not reject it: 40 % (30 % to 50 %), kill line 20 %, confirm line 20 %
        missing: a ceiling can reject, and supports nothing: predict something that was seen
    low, alone: rejected
        ceiling-react: 40 % (30 % to 50 %), kill line 20 %, confirm line 20 %
    unknown, alone: nothing
        missing: ceiling-react cannot tell: there is nothing to count
    high, beside what was seen: supported
        upgrade-regressions: 40 % (30 % to 50 %), kill line 10 %, confirm line 25 %
        ceiling-react does not reject it: 40 % (30 % to 50 %), kill line 20 %, confirm line 20 %
        missing: 0 of 5 interviews tell what somebody did the last time
    low, beside what was seen: rejected
        ceiling-react: 40 % (30 % to 50 %), kill line 20 %, confirm line 20 %
    unknown, beside what was seen: nothing
        upgrade-regressions: 40 % (30 % to 50 %), kill line 10 %, confirm line 25 %
        missing: ceiling-react cannot tell: there is nothing to count
    ");
}

#[test]
fn interviews_confirm_or_reject() {
    let with = |notes| read(vec![prediction()], vec![of("p1", "supported", 30.0)], notes);
    let stories = |n, stance| people(n, stance, None);
    let opinions = people(5, Stance::For, None)
        .into_iter()
        .map(|it| InterviewNotes { past_behavior: Vec::new(), ..it })
        .collect();
    let mixed = stories(3, Stance::For).into_iter().chain(stories(3, Stance::Against)).collect();
    let one_raised: Vec<InterviewNotes> = people(9, Stance::For, Some(false))
        .into_iter()
        .chain(people(1, Stance::For, Some(true)))
        .collect();
    insta::assert_snapshot!(table([
        ("four", with(stories(4, Stance::For))),
        ("five", with(stories(5, Stance::For))),
        ("five opinions", with(opinions)),
        ("three each", with(mixed)),
        ("nine raise nothing", with(people(9, Stance::For, Some(false)))),
        ("ten raise nothing", with(people(10, Stance::For, Some(false)))),
        ("one of ten raises it", with(one_raised)),
    ]), @r#"
    four: supported
        upgrade-regressions: 40 % (30 % to 50 %), kill line 10 %, confirm line 25 %
        missing: 4 of 5 interviews tell what somebody did the last time
    five: confirmed
        upgrade-regressions: 40 % (30 % to 50 %), kill line 10 %, confirm line 25 %
        5 interviews, every objection answered
    five opinions: supported
        upgrade-regressions: 40 % (30 % to 50 %), kill line 10 %, confirm line 25 %
        missing: 0 of 5 interviews tell what somebody did the last time
    three each: supported
        upgrade-regressions: 40 % (30 % to 50 %), kill line 10 %, confirm line 25 %
        missing: 3 interviews speak for it and 3 against it
        missing: evidence-5 speaks against it and is not answered: "It broke the build."
        missing: evidence-6 speaks against it and is not answered: "It broke the build."
        missing: evidence-7 speaks against it and is not answered: "It broke the build."
    nine raise nothing: confirmed
        upgrade-regressions: 40 % (30 % to 50 %), kill line 10 %, confirm line 25 %
        9 interviews, every objection answered
    ten raise nothing: rejected
        none of 10 people raised it unprompted
    one of ten raises it: confirmed
        upgrade-regressions: 40 % (30 % to 50 %), kill line 10 %, confirm line 25 %
        10 interviews, every objection answered
    "#);
}

#[test]
fn what_speaks_against_is_answered_first_and_what_was_retracted_does_not_count() {
    let mut it = Making::supported();
    for notes in people(5, Stance::For, None) {
        it.make(|record| record.file_interview(notes));
    }
    it.make(|record| record.file_evidence(note("problem-1", Stance::Against)));
    let mut answered_it = it.clone();
    answered_it.make(|record| record.answer_evidence(id("evidence-7"), "it was a Monday"));
    let mut retracted = it.clone();
    retracted.make(|record| record.retract_evidence(id("evidence-7"), "a mistake"));
    let mut without = it.clone();
    without.make(|record| record.retract_evidence(id("evidence-1"), "a wrong index"));
    let mut unasked = Making::okr();
    unasked.make(|record| record.create_problem("x", id("kr-1"), (at(0), None), Vec::new()));
    insta::assert_snapshot!(table([
        ("open objection", reading(&it.record)),
        ("answered", reading(&answered_it.record)),
        ("retracted", reading(&retracted.record)),
        ("the answer of the query retracted", reading(&without.record)),
        ("no prediction", reading(&unasked.record)),
    ]), @r#"
    open objection: supported
        upgrade-regressions: 40 % (30 % to 50 %), kill line 10 %, confirm line 25 %
        missing: evidence-7 speaks against it and is not answered: "a note"
    answered: confirmed
        upgrade-regressions: 40 % (30 % to 50 %), kill line 10 %, confirm line 25 %
        5 interviews, every objection answered
    retracted: confirmed
        upgrade-regressions: 40 % (30 % to 50 %), kill line 10 %, confirm line 25 %
        5 interviews, every objection answered
    the answer of the query retracted: nothing
        missing: p1 (upgrade-regressions) was not asked
    no prediction: nothing
        missing: it predicts nothing: what will be seen if it is right?
    "#);
}
