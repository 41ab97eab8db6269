//! Rules: added, changed, named by treatments.

use super::*;

fn plan(rule: &str, text: &str) -> RulePlan {
    RulePlan { rule: rule.to_owned(), title: "t".to_owned(), text: text.to_owned() }
}

fn add(record: &mut Record, change: Change) -> Result<(), Corrupt> {
    let seq = record.seq + 1;
    record.add(&Entry { seq, at: at(1), actor: actor("Ines"), is_clock_set: false, change })
}

#[test]
fn another_text_under_the_same_id_is_the_next_version() {
    let mut record = Record::default();
    let change = record.add_rule(plan("no-latest", "a")).expect("a rule");
    assert_eq!(change.object, id("rule-1"));
    add(&mut record, change).expect("an entry");
    let refused = record.add_rule(plan("no-latest", "a")).expect_err("the same");
    assert_eq!(refused.what, "version 1 of `no-latest` is that file already");
    let change = record.add_rule(plan("no-latest", "b")).expect("another text");
    assert_eq!(change.object, id("rule-1"));
    add(&mut record, change).expect("an entry");
    let it = record.rule_called("no-latest").expect("it is there");
    assert_eq!((it.version, &*it.plan.text, it.history.len()), (2, "b", 2));
    let change = record.add_rule(plan("other", "c")).expect("another rule");
    assert_eq!(change.object, id("rule-2"));
    assert!(record.add_rule(plan(BUILT_IN_RULE, "c")).is_err());
}

#[test]
fn a_treatment_is_about_a_rule_that_there_is() {
    let mut record = Record::default();
    let of = |rule: &str| {
        let mut it = treatment(Mode::Alert);
        it.data.rule = Some(rule.to_owned());
        it
    };
    let refused = record.create_treatment(of("no-latest")).expect_err("there is none");
    assert_eq!(refused.what, "there is no rule `no-latest`");
    assert_eq!(refused.way_out, "fixloop rule add FILE adds one; there is `dependency-confusion`");
    record.create_treatment(of(BUILT_IN_RULE)).expect("it is built in");
    let change = record.add_rule(plan("no-latest", "a")).expect("a rule");
    add(&mut record, change).expect("an entry");
    record.create_treatment(of("no-latest")).expect("it was added");
    // Somebody wrote it past all commands.
    let forged = What::Treatment(TreatmentChange::Created(of("x")));
    let forged = Change { object: id("treatment-1"), what: forged };
    let error = add(&mut record, forged).expect_err("there is no such rule").to_string();
    assert!(error.ends_with("it names the rule `x`, which does not exist"), "{error}");
}
