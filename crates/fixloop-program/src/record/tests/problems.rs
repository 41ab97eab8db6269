//! Problem hypotheses, their evidence and interviews: what is refused, and the way out.

use super::*;

fn drafted() -> Making {
    let mut it = Making::okr();
    it.make(|record| record.create_problem("x", id("kr-1"), (at(0), None), Vec::new()));
    it
}

fn parked(mut it: Making) -> Making {
    it.make(|record| record.park(id("problem-1"), "later"));
    it
}

fn inconclusive() -> Making {
    let mut it = Making::gathering();
    let wanted = Some(ProblemState::Inconclusive);
    it.make(|record| record.judge(id("problem-1"), wanted, None));
    it
}

fn rejected() -> Making {
    Making::judged("rejected")
}

/// One row for each state of `problem-1`.
fn in_each_state(told: impl Fn(&Record) -> String) -> String {
    table([
        ("draft", told(&drafted().record)),
        ("framed", told(&Making::framed().record)),
        ("gathering", told(&Making::gathering().record)),
        ("supported", told(&Making::supported().record)),
        ("confirmed", told(&Making::confirmed().record)),
        ("rejected", told(&rejected().record)),
        ("inconclusive", told(&inconclusive().record)),
        ("parked draft", told(&parked(drafted()).record)),
        ("parked", told(&parked(Making::framed()).record)),
    ])
}

#[test]
fn a_hypothesis_explains_a_key_result() {
    let create = |record: &Record, key_result: &str, believe: &str| {
        told(record.create_problem(believe, id(key_result), (at(0), None), Vec::new()))
    };
    let mut over = Making::okr();
    over.make(|record| record.key_result(id("kr-1"))?.end(KeyResultOutcome::Missed, "x"));
    insta::assert_snapshot!(table([
        ("a sentence", create(&Making::okr().record, "kr-1", "upgrades break")),
        ("blank", create(&Making::okr().record, "kr-1", " ")),
        ("of none", create(&Making::okr().record, "kr-3", "upgrades break")),
        ("of nothing yet", create(&Record::default(), "kr-1", "upgrades break")),
        ("of another kind", create(&Making::okr().record, "objective-1", "upgrades break")),
        ("of what is over", create(&over.record, "kr-1", "upgrades break")),
    ]), @r#"
    a sentence: allowed
    blank: a hypothesis is a sentence
        -> --believe "developers [suffer what] when [task] because [why]"
    of none: there is no `kr-3`
        -> there is kr-1 only
    of nothing yet: there is no `kr-1`
        -> there is no key result yet
    of another kind: `objective-1` is no key result
        -> name one such as kr-1
    of what is over: kr-1 is missed
        -> a hypothesis explains a key result that is still to be met
    "#);
}

#[test]
fn another_one_replaces_what_was_refuted() {
    insta::assert_snapshot!(in_each_state(|record| {
        let supersedes = (at(0), Some(id("problem-1")));
        told(record.create_problem("y", id("kr-1"), supersedes, Vec::new()))
    }), @"
    draft: problem-1 is draft: nothing to replace yet
        -> fixloop hypothesis verdict problem-1 comes first
    framed: problem-1 is framed: nothing to replace yet
        -> fixloop hypothesis verdict problem-1 comes first
    gathering: problem-1 is gathering: nothing to replace yet
        -> fixloop hypothesis verdict problem-1 comes first
    supported: problem-1 is supported: nothing to replace yet
        -> fixloop hypothesis verdict problem-1 comes first
    confirmed: problem-1 is confirmed: it stands
        -> without --supersedes it stands beside the confirmed one
    rejected: allowed
    inconclusive: allowed
    parked draft: allowed
    parked: allowed
    ");
}

#[test]
fn lines_are_fixed_before_anything_is_asked() {
    insta::assert_snapshot!(in_each_state(|record| {
        told(record.frame(id("problem-1"), vec![prediction()]))
    }), @"
    draft: allowed
    framed: allowed
    gathering: problem-1 is gathering: its lines were fixed before the first answer and stay
        -> fixloop hypothesis create --supersedes problem-1 begins another one, once this one has its verdict
    supported: problem-1 is supported: its lines were fixed before the first answer and stay
        -> fixloop hypothesis create --supersedes problem-1 begins another one, once this one has its verdict
    confirmed: problem-1 is confirmed: its lines were fixed before the first answer and stay
        -> fixloop hypothesis create --supersedes problem-1 begins another one, once this one has its verdict
    rejected: problem-1 is rejected: its lines were fixed before the first answer and stay
        -> fixloop hypothesis create --supersedes problem-1 begins another one, once this one has its verdict
    inconclusive: problem-1 is inconclusive: its lines were fixed before the first answer and stay
        -> fixloop hypothesis create --supersedes problem-1 begins another one, once this one has its verdict
    parked draft: problem-1 is parked
        -> fixloop hypothesis create --supersedes problem-1
    parked: problem-1 is parked: its lines were fixed before the first answer and stay
        -> fixloop hypothesis create --supersedes problem-1 begins another one, once this one has its verdict
    ");
    let frame = |predictions| told(drafted().record.frame(id("problem-1"), predictions));
    let lines = |kill, confirm| Prediction { kill, confirm, ..prediction() };
    insta::assert_snapshot!(table([
        ("no prediction", frame(Vec::new())),
        ("lines the wrong way round", frame(vec![lines(0.5, 0.2)])),
        ("no share", frame(vec![lines(0.5, 20.0)])),
        ("no number", frame(vec![lines(f64::NAN, 0.2)])),
        ("twice", frame(vec![prediction(), prediction()])),
    ]), @"
    no prediction: problem-1 has no prediction: what would show that it is wrong?
        -> --predict QUERY:KILL:CONFIRM; fixloop hypothesis frame --help lists the queries
    lines the wrong way round: the kill line `0.5` is above the confirm line `0.2`
        -> lines are shares, the kill line below the confirm line
    no share: the confirm line `20` is not from 0 to 1
        -> lines are shares, the kill line below the confirm line
    no number: the kill line `NaN` is not from 0 to 1
        -> lines are shares, the kill line below the confirm line
    twice: two predictions ask upgrade-regressions
        -> one query, one pair of lines
    ");
}

#[test]
fn evidence_comes_after_the_lines() {
    insta::assert_snapshot!(in_each_state(|record| {
        told(record.file_evidence(note("problem-1", Stance::For)))
    }), @"
    draft: problem-1 has no prediction yet: evidence before the lines are fixed proves anything
        -> fixloop hypothesis frame problem-1 --predict QUERY:KILL:CONFIRM
    framed: allowed
    gathering: allowed
    supported: allowed
    confirmed: allowed
    rejected: allowed
    inconclusive: allowed
    parked draft: problem-1 was parked before it predicted anything
        -> fixloop hypothesis create --supersedes problem-1 takes it up again
    parked: allowed
    ");
    let file = |filed| told(Making::framed().record.file_evidence(filed));
    let mut of_another = answered("problem-1", "supported");
    of_another.answer.as_mut().unwrap().prediction = "p9".to_owned();
    let wordless = Filed { words: " ".to_owned(), ..note("problem-1", Stance::For) };
    insta::assert_snapshot!(table([
        ("of another prediction", file(of_another)),
        ("without words", file(wordless)),
        ("about nothing", file(note("problem-4", Stance::For))),
    ]), @r#"
    of another prediction: problem-1 predicts nothing of the name `p9`
        -> fixloop hypothesis show problem-1 lists its predictions
    without words: evidence without words says nothing
        -> --note "…"
    about nothing: there is no `problem-4`
        -> there is problem-1 only
    "#);
}

#[test]
fn only_what_speaks_against_is_answered_and_nothing_is_deleted() {
    let mut it = Making::framed();
    it.make(|record| record.file_evidence(note("problem-1", Stance::Against)));
    it.make(|record| record.file_evidence(note("problem-1", Stance::For)));
    let mut retracted = it.clone();
    retracted.make(|record| record.retract_evidence(id("evidence-1"), "a mistake"));
    let record = &it.record;
    insta::assert_snapshot!(table([
        ("answer", told(record.answer_evidence(id("evidence-1"), "it was a Monday"))),
        ("answer with nothing", told(record.answer_evidence(id("evidence-1"), ""))),
        ("answer what is for it", told(record.answer_evidence(id("evidence-2"), "x"))),
        ("retract", told(record.retract_evidence(id("evidence-1"), "x"))),
        ("retract for no reason", told(record.retract_evidence(id("evidence-1"), " "))),
        ("retract twice", told(retracted.record.retract_evidence(id("evidence-1"), "x"))),
        ("retract nothing", told(record.retract_evidence(id("evidence-3"), "x"))),
    ]), @r#"
    answer: allowed
    answer with nothing: an answer is a sentence
        -> --how "…"
    answer what is for it: evidence-2 does not speak against its hypothesis
        -> only what disconfirms needs an answer
    retract: allowed
    retract for no reason: evidence is retracted for a reason
        -> --why "…"
    retract twice: evidence-1 was retracted before
        -> nothing is to be done
    retract nothing: there is no `evidence-3`
        -> there are evidence-1 to evidence-2
    "#);
    assert_eq!(retracted.record.evidence.len(), 2);
}

#[test]
fn an_interview_has_a_quote_and_is_filed_once() {
    insta::assert_snapshot!(in_each_state(|record| {
        told(record.file_interview(interview("problem-1", "new page", Stance::For)))
    }), @"
    draft: problem-1 has no prediction yet: evidence before the lines are fixed proves anything
        -> fixloop hypothesis frame problem-1 --predict QUERY:KILL:CONFIRM
    framed: allowed
    gathering: allowed
    supported: allowed
    confirmed: allowed
    rejected: allowed
    inconclusive: allowed
    parked draft: problem-1 was parked before it predicted anything
        -> fixloop hypothesis create --supersedes problem-1 takes it up again
    parked: allowed
    ");
    let quotes = vec![" ".to_owned()];
    let silent = InterviewNotes { quotes, ..interview("problem-1", "a", Stance::For) };
    let it = Making::confirmed();
    insta::assert_snapshot!(table([
        ("without a quote", told(it.record.file_interview(silent))),
        ("twice", told(it.record.file_interview(interview("problem-1", "page 0", Stance::For)))),
    ]), @"
    without a quote: an interview without a quote is what the interviewer thinks
        -> write down one sentence word for word, on a line that begins with >
    twice: this page is filed already, as interview-1
        -> one page, one interview
    ");
}

#[test]
fn a_verdict_is_what_the_evidence_says() {
    insta::assert_snapshot!(in_each_state(|record| told(record.judge(id("problem-1"), None, None))), @"
    draft: problem-1 cannot be judged yet: it predicts nothing: what will be seen if it is right?
        -> fixloop hypothesis frame problem-1 --predict QUERY
    framed: problem-1 cannot be judged yet: p1 (upgrade-regressions) was not asked
        -> fixloop hypothesis evidence problem-1 asks the stored data
    gathering: problem-1 cannot be judged yet: p1 (upgrade-regressions) was not asked
        -> fixloop hypothesis evidence problem-1 asks the stored data
    supported: problem-1 is supported already
        -> a reversible treatment may be piloted in the pilot ring now; fixloop interview candidates names whom to ask
    confirmed: problem-1 is confirmed already
        -> fixloop solution create
    rejected: problem-1 is rejected already
        -> fixloop hypothesis create --supersedes problem-1 frames the next one
    inconclusive: problem-1 cannot be judged yet: p1 (upgrade-regressions) was not asked
        -> fixloop hypothesis evidence problem-1 asks the stored data
    parked draft: problem-1 cannot be judged yet: it predicts nothing: what will be seen if it is right?
        -> fixloop hypothesis create --supersedes problem-1 takes it up again
    parked: problem-1 cannot be judged yet: p1 (upgrade-regressions) was not asked
        -> fixloop hypothesis evidence problem-1 asks the stored data
    ");
    // Nobody writes down by force what the evidence does not say.
    let judge =
        |making: &Making, wanted| told(making.record.judge(id("problem-1"), Some(wanted), None));
    insta::assert_snapshot!(table([
        ("confirmed, at once", judge(&Making::supported(), ProblemState::Confirmed)),
        ("supported, if rejected", judge(&rejected(), ProblemState::Supported)),
        ("given up without evidence", judge(&Making::framed(), ProblemState::Inconclusive)),
        ("given up", judge(&Making::gathering(), ProblemState::Inconclusive)),
    ]), @"
    confirmed, at once: the evidence for problem-1 reads supported, not confirmed: upgrade-regressions: 40 % (30 % to 50 %), kill line 10 %, confirm line 25 %
        -> file what is missing, or take the verdict as it is; refutations are kept, with why
    supported, if rejected: the evidence for problem-1 reads rejected, not supported: upgrade-regressions: 40 % (30 % to 50 %), kill line 10 %, confirm line 25 %
        -> file what is missing, or take the verdict as it is; refutations are kept, with why
    given up without evidence: problem-1 is framed: there is no evidence to judge by
        -> fixloop hypothesis evidence problem-1 asks the stored data
    given up: allowed
    ");
}

#[test]
fn confirmed_goes_through_supported() {
    let mut it = Making::framed();
    it.make(|record| record.file_evidence(answered("problem-1", "supported")));
    it.confirm();
    let problem = it.record.problem(id("problem-1")).unwrap();
    let states: Vec<&str> = problem.history.iter().map(|it| &*it.to).collect();
    assert_eq!(states, ["draft", "framed", "gathering", "supported", "confirmed"]);
}

#[test]
fn what_was_judged_once_is_not_judged_back() {
    // What confirmed it is found to be wrong.
    let mut it = Making::confirmed();
    it.make(|record| record.file_evidence(answered("problem-1", "rejected")));
    // Given up, and then what kept it open is retracted.
    let mut given_up = Making::framed();
    given_up.make(|record| record.file_evidence(answered("problem-1", "supported")));
    given_up.make(|record| record.file_evidence(answered("problem-1", "open")));
    let wanted = Some(ProblemState::Inconclusive);
    given_up.make(|record| record.judge(id("problem-1"), wanted, None));
    given_up.make(|record| record.retract_evidence(id("evidence-2"), "a mistake"));
    insta::assert_snapshot!(table([
        ("confirmed, and now rejected", told(it.record.judge(id("problem-1"), None, None))),
        ("inconclusive, and now supported", told(given_up.record.judge(id("problem-1"), None, None))),
    ]), @"
    confirmed, and now rejected: problem-1 is confirmed: a verdict never flips back
        -> fixloop hypothesis create writes down what is believed now
    inconclusive, and now supported: problem-1 is inconclusive: it is judged again once further evidence is filed
        -> fixloop hypothesis evidence problem-1 asks the stored data again
    ");
}

#[test]
fn what_is_not_pursued_is_parked() {
    insta::assert_snapshot!(in_each_state(|record| told(record.park(id("problem-1"), "later"))), @"
    draft: allowed
    framed: allowed
    gathering: problem-1 is gathering
        -> judge it first: fixloop hypothesis verdict problem-1
    supported: problem-1 is supported
        -> judge it first: fixloop hypothesis verdict problem-1
    confirmed: problem-1 is confirmed
        -> it stays as it is
    rejected: problem-1 is rejected
        -> it stays as it is
    inconclusive: allowed
    parked draft: problem-1 is parked
        -> it stays as it is
    parked: problem-1 is parked
        -> it stays as it is
    ");
    insta::assert_snapshot!(told(drafted().record.park(id("problem-1"), " ")), @r#"
    a hypothesis is parked for a reason
        -> --why "…"
    "#);
}
