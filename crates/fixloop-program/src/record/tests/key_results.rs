//! Objectives and key results: what is refused, and the way out.

use super::*;

fn created(checks: Vec<CheckRecord>) -> Making {
    let mut it = Making::default();
    it.make(|record| record.create_objective("fix faster", (None, None, None)));
    it.make(|record| record.create_key_result(key_result("objective-1"), checks));
    it
}

fn of(making: &Making) -> &KeyResult {
    making.record.key_result(id("kr-1")).unwrap()
}

fn ended() -> Making {
    let mut it = Making::okr();
    it.make(|record| record.key_result(id("kr-1"))?.end(KeyResultOutcome::Missed, "too slow"));
    it
}

#[test]
fn an_objective_is_a_sentence() {
    let record = Record::default();
    insta::assert_snapshot!(told(record.create_objective("  ", (None, None, None))), @r#"
    an objective is a sentence
        -> say what the business wants: --objective "fix vulnerable packages faster"
    "#);
}

#[test]
fn a_key_result_is_of_an_objective_that_is_open() {
    let create = |making: &Making, objective| {
        told(making.record.create_key_result(key_result(objective), Vec::new()))
    };
    insta::assert_snapshot!(table([
        ("the next one", create(&Making::default(), "objective-1")),
        ("none", create(&Making::okr(), "objective-7")),
        ("no objective", create(&Making::okr(), "ring-1")),
        ("an active one", create(&Making::okr(), "objective-1")),
        ("one that was missed", create(&ended(), "objective-1")),
    ]), @"
    the next one: allowed
    none: there is no `objective-7`
        -> there is objective-1 only
    no objective: `ring-1` is no objective
        -> name one such as objective-1
    an active one: allowed
    one that was missed: objective-1 is missed
        -> create another objective
    ");
}

#[test]
fn checks_are_asked_before_it_begins() {
    let clean = || vec![check_of("ok")];
    insta::assert_snapshot!(table([
        ("draft", told(of(&created(Vec::new())).check(clean()))),
        ("active", told(of(&Making::okr()).check(clean()))),
        ("ended", told(of(&ended()).check(clean()))),
    ]), @"
    draft: allowed
    active: kr-1 is active: its checks were answered
        -> fixloop okr revise kr-1 gives it another metric, target or deadline, for a reason
    ended: kr-1 is missed: its checks were answered
        -> what is over stays as it is
    ");
    let mut it = created(Vec::new());
    it.make(|record| record.key_result(id("kr-1"))?.check(clean()));
    assert_eq!(of(&it).state, KeyResultState::SmartChecked);
    // What was fine may block tomorrow.
    it.make(|record| record.key_result(id("kr-1"))?.check(vec![check_of("block")]));
    assert_eq!(of(&it).state, KeyResultState::Draft);
}

#[test]
fn only_what_is_smart_begins() {
    let checked = |answer: &str| {
        let mut it = created(Vec::new());
        it.make(|record| record.key_result(id("kr-1"))?.check(vec![check_of(answer)]));
        it
    };
    let activate = |it: &Making, why: Option<&str>| told(of(it).activate(why.map(str::to_owned)));
    let mut nobodys = created(Vec::new());
    let (mut plan, baseline) = key_result("objective-1");
    plan.owner = None;
    nobodys.make(|record| record.create_key_result((plan, baseline), Vec::new()));
    nobodys.make(|record| record.key_result(id("kr-2"))?.check(Vec::new()));
    let nobodys = nobodys.record.key_result(id("kr-2")).unwrap().activate(None);
    insta::assert_snapshot!(table([
        ("not checked", activate(&created(Vec::new()), None)),
        ("blocked", activate(&checked("block"), Some("it is right"))),
        ("warned", activate(&checked("warn"), None)),
        ("warned, blank", activate(&checked("warn"), Some(" "))),
        ("warned, with a reason", activate(&checked("warn"), Some("a stretch on purpose"))),
        ("clean", activate(&checked("ok"), None)),
        ("nobody's", told(nobodys)),
        ("active", activate(&Making::okr(), None)),
        ("ended", activate(&ended(), None)),
    ]), @r#"
    not checked: kr-1 is draft
        -> fixloop okr check kr-1 comes first
    blocked: kr-1 is not SMART: M guard metric: nothing is watched that must not get worse
        -> --guard dismissal
    warned: kr-1 has 1 warning: guard metric
        -> say why it is right all the same: --why "…"
    warned, blank: kr-1 has 1 warning: guard metric
        -> say why it is right all the same: --why "…"
    warned, with a reason: allowed
    clean: allowed
    nobody's: kr-2 has no owner: an active key result has one person who answers for it
        -> fixloop okr create --owner NAME records it with one, and fixloop okr end abandons this one
    active: kr-1 is active
        -> it was begun before; nothing is to be done
    ended: kr-1 is missed
        -> what is over stays as it is: fixloop okr create
    "#);
}

fn measurement() -> Measurement {
    Measurement {
        cut: at(50),
        value: Some(9.0),
        interval: None,
        band: "cannot tell yet".to_owned(),
        probability: None,
        basis: basis(),
    }
}

#[test]
fn only_what_is_active_is_measured_and_revised() {
    let measure = |it: &Making| told(of(it).measure(measurement()));
    let revise = |it: &Making, checks: Vec<CheckRecord>, why: &str| {
        told(of(it).revise(key_result("objective-1"), checks, why))
    };
    insta::assert_snapshot!(table([
        ("measure a draft", measure(&created(Vec::new()))),
        ("measure what is active", measure(&Making::okr())),
        ("measure what is over", measure(&ended())),
        ("revise a draft", revise(&created(Vec::new()), Vec::new(), "x")),
        ("revise what is active", revise(&Making::okr(), Vec::new(), "the index was wrong")),
        ("revise for no reason", revise(&Making::okr(), Vec::new(), "")),
        ("revise to what is not SMART", revise(&Making::okr(), vec![check_of("block")], "x")),
    ]), @r#"
    measure a draft: kr-1 is draft, and only an active key result is measured
        -> fixloop okr check kr-1, then fixloop okr activate kr-1
    measure what is active: allowed
    measure what is over: kr-1 is missed, and only an active key result is measured
        -> what is over stays as it is
    revise a draft: kr-1 is draft: only an active key result is revised
        -> create another one
    revise what is active: allowed
    revise for no reason: a key result is revised for a reason
        -> --why "…"
    revise to what is not SMART: the revised key result is not SMART, and the old one stays
        -> fixloop okr baseline says what is missing
    "#);
    let mut it = Making::okr();
    let (mut plan, baseline) = key_result("objective-1");
    plan.target = Some("-30%".to_owned());
    it.make(|record| record.key_result(id("kr-1"))?.revise((plan, baseline), Vec::new(), "more"));
    // The old plan is kept.
    assert_eq!(of(&it).earlier_plans[0].target.as_deref(), Some("-20%"));
    assert_eq!(of(&it).history.last().unwrap().why.as_deref(), Some("more"));
}

#[test]
fn what_is_over_stays_as_it_is() {
    use KeyResultOutcome as O;
    let end = |it: &Making, outcome, why| told(of(it).end(outcome, why));
    insta::assert_snapshot!(table([
        ("a draft is not achieved", end(&created(Vec::new()), O::Achieved, "x")),
        ("a draft is abandoned", end(&created(Vec::new()), O::Abandoned, "x")),
        ("for no reason", end(&Making::okr(), O::Missed, " ")),
        ("active", end(&Making::okr(), O::Missed, "x")),
        ("over", end(&ended(), O::Abandoned, "x")),
    ]), @r#"
    a draft is not achieved: kr-1 is draft
        -> only what was begun is achieved or missed; a draft is abandoned
    a draft is abandoned: allowed
    for no reason: a reason is needed
        -> --why "…"
    active: allowed
    over: kr-1 is missed
        -> what is over stays as it is
    "#);
}

#[test]
fn an_objective_is_where_its_key_results_are() {
    let state = |it: &Making| it.record.objective(id("objective-1")).unwrap().state.as_str();
    let mut it = created(Vec::new());
    it.make(|record| record.create_key_result(key_result("objective-1"), Vec::new()));
    // Another one without key results is not touched by them.
    it.make(|record| record.create_objective("other", (None, None, None)));
    assert_eq!(state(&it), "draft");
    it.make(|record| record.key_result(id("kr-1"))?.check(Vec::new()));
    it.make(|record| record.key_result(id("kr-1"))?.activate(None));
    assert_eq!(state(&it), "active");
    it.make(|record| record.key_result(id("kr-1"))?.end(KeyResultOutcome::Achieved, "x"));
    assert_eq!(state(&it), "active", "kr-2 is open");
    it.make(|record| record.key_result(id("kr-2"))?.end(KeyResultOutcome::Abandoned, "x"));
    assert_eq!(state(&it), "met");
    assert_eq!(it.record.objective(id("objective-2")).unwrap().state.as_str(), "draft");
}
