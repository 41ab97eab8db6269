use fixloop_stats::{Observation, Outcome};
use proptest::prelude::*;

use super::*;
use crate::table::{Finding, Team};

/// One amount per team of each arm.
fn amounts(control: &[(f64, f64)], treated: &[(f64, f64)]) -> Vec<Amount> {
    let of = |arm, all: &[(f64, f64)]| -> Vec<Amount> {
        let amount = |(place, it): (usize, &(f64, f64))| Amount {
            team: format!("{arm:?}{place}"),
            arm: Some(arm),
            day: None,
            numerator: it.0,
            denominator: it.1,
        };
        all.iter().enumerate().map(amount).collect()
    };
    [of(Arm::Control, control), of(Arm::Treated, treated)].concat()
}

fn read(name: &str, margin: Option<f64>, amounts: Vec<Amount>) -> GuardrailReading {
    let registered = Registered { kind: GuardrailKind::of(name), margin, amounts };
    guardrails(&dismissing(&[0; 4]), Some(&[registered])).unwrap().pop().unwrap()
}

#[track_caller]
fn check(name: &str, amounts: Vec<Amount>, answer: Guardrails, says: &str) {
    let it = read(name, None, amounts);
    assert_eq!(it.says, says);
    assert_eq!(it.answer, answer);
}

/// Teams alternating between arms, each with 20 findings, so many of them dismissed.
fn dismissing(n_dismissed: &[usize]) -> Table {
    let finding = |team: usize, it: usize| Finding {
        team: u32::try_from(team).unwrap(),
        arm: if team.is_multiple_of(2) { Arm::Control } else { Arm::Treated },
        stratum: 0,
        is_before: false,
        observation: match it {
            it if it < n_dismissed[team] => Observation::new(3.0, Outcome::Event(2)).unwrap(),
            _ => Observation::new(20.0, Outcome::Censored).unwrap(),
        },
        limit: None,
        day: None,
    };
    let team = |it: usize| Team { name: format!("T{it}"), block: 0, platform: None };
    Table {
        arm_names: ["control".to_owned(), "treated".to_owned()],
        teams: (0..n_dismissed.len()).map(team).collect(),
        findings: (0..n_dismissed.len())
            .flat_map(|team| (0..20).map(move |it| finding(team, it)))
            .collect(),
        accepted: None,
    }
}

#[test]
fn three_answers() {
    use Guardrails::{Harm, NotKnown, Safe};
    let few = [(1.0, 100.0), (2.0, 110.0), (1.0, 90.0), (2.0, 100.0)];
    let many = [(11.0, 100.0), (12.0, 110.0), (10.0, 90.0), (12.0, 100.0)];
    let mixed = [(0.0, 100.0), (9.0, 110.0), (1.0, 90.0), (4.0, 100.0)];
    check(
        "bad_fixes",
        amounts(&few, &few),
        Safe,
        "safe: worse by 0.0 points, -0.9 to 0.9 at 95 %; the margin is 2",
    );
    check(
        "bad fixes",
        amounts(&few, &mixed),
        NotKnown,
        "not known: worse by 2.0 points, -2.7 to 6.7 at 95 %; the margin is 2",
    );
    let it = read("bad fixes", None, amounts(&few, &many));
    assert_eq!(it.answer, Harm, "{it:?}");
    check(
        "flow",
        amounts(&[(100.0, 10.0), (110.0, 11.0)], &[]),
        NotKnown,
        "not known: of the treated, `0` teams say nothing of their variation",
    );
    let hours = [(100.0, 10.0), (104.0, 10.0), (98.0, 10.0), (102.0, 10.0)];
    check(
        "lead time",
        amounts(&hours, &hours),
        Safe,
        "safe: worse by 0.0 percent of the control, -4.3 to 4.5 at 95 %; the margin is 10",
    );
}

#[test]
fn sentiment_falls_where_others_rise() {
    let asked = |means: [f64; 4]| means.map(|it| (it * 5.0, 5.0));
    let it = read(
        "sentiment",
        None,
        amounts(&asked([4.0, 4.1, 3.9, 4.0]), &asked([3.0, 3.1, 2.9, 3.0])),
    );
    assert_eq!(it.answer, Guardrails::Harm);
    assert_eq!(it.says, "harm: worse by 1.0 of 5, 0.9 to 1.1 at 95 %; the margin is 0.5");
    assert_eq!((it.control, it.treated), (Some(4.0), Some(3.0)));
}

#[test]
fn a_level_needs_no_control() {
    let gate = [(1.0, 20.0), (2.0, 22.0), (1.0, 18.0), (2.0, 20.0)];
    check(
        "override",
        amounts(&[], &gate),
        Guardrails::Safe,
        "safe: treated 7.5 percent, 3.5 to 11.5 at 95 %; the line is 20",
    );
    let often = gate.map(|it| (it.0 + 11.0, it.1));
    check(
        "override",
        amounts(&[], &often),
        Guardrails::Harm,
        "harm: 50 of 80 is more than 50 %, and beyond that nothing is waited for",
    );
}

#[test]
fn no_event_at_all_still_bounds_a_share() {
    let none = |n: f64| [(0.0, n); 4];
    check(
        "bad fixes",
        amounts(&none(200.0), &none(200.0)),
        Guardrails::Safe,
        "safe: worse by 0.0 points, -0.5 to 0.5 at 95 %; the margin is 2",
    );
    check(
        "bad fixes",
        amounts(&none(5.0), &none(5.0)),
        Guardrails::NotKnown,
        "not known: worse by 0.0 points, -16.8 to 16.8 at 95 %; the margin is 2",
    );
    check(
        "blocked minutes",
        amounts(&none(5.0), &none(5.0)),
        Guardrails::NotKnown,
        "not known: teams do not differ in blocked minutes, so nothing tells how much they could",
    );
}

#[test]
fn builds_red_for_long_stop_everything() {
    let red = |hours| {
        vec![Amount {
            team: "all".to_owned(),
            arm: None,
            day: None,
            numerator: hours,
            denominator: 1.0,
        }]
    };
    check("builds red", red(1.5), Guardrails::Harm, "harm: at most 1.5 hours, the limit is 1");
    check("builds red", red(0.2), Guardrails::Safe, "safe: at most 0.2 hours, the limit is 1");
}

#[test]
fn an_alarm_asks_a_person_and_is_no_evidence() {
    // A worsening that is certain is harm, with the alarm or without.
    let (low, high) = (
        [(20.0, 100.0), (21.0, 100.0), (19.0, 100.0)],
        [(40.0, 100.0), (41.0, 100.0), (39.0, 100.0)],
    );
    let it = read("pager", Some(0.5), amounts(&low, &high));
    assert!(it.is_alarm);
    assert_eq!(it.answer, Guardrails::Harm);
    let (low, high) = (
        [(20.0, 100.0), (5.0, 100.0), (39.0, 100.0)],
        [(40.0, 100.0), (10.0, 100.0), (70.0, 100.0)],
    );
    let it = read("pager", Some(1.0), amounts(&low, &high));
    assert_eq!((it.answer, it.is_alarm), (Guardrails::NotKnown, true), "{}", it.says);
}

#[test]
fn what_has_no_numbers_is_not_known() {
    check("flow", Vec::new(), Guardrails::NotKnown, "not known: it has no numbers");
    check(
        "pager",
        amounts(&[(1.0, 2.0), (2.0, 3.0)], &[(1.0, 2.0), (2.0, 3.0)]),
        Guardrails::NotKnown,
        "not known: nobody said up to which worsening it is safe (column `margin`)",
    );
    let readings = guardrails(&dismissing(&[1, 2, 1, 1, 2, 1, 1, 1]), None).unwrap();
    let names: Vec<&str> = readings.iter().map(|it| &*it.name).collect();
    assert_eq!(names, ["dismissal", "others"]);
    assert_eq!(readings[1].says, "not known: nobody said which other guardrails there are");
    assert_eq!(guardrails_together(&readings), Guardrails::NotKnown);
}

#[test]
fn dismissal_comes_from_the_findings() {
    let of = |n: &[usize]| guardrails(&dismissing(n), Some(&[])).unwrap().remove(0);
    let harm = of(&[1, 9, 2, 10, 1, 9, 1, 8]);
    assert_eq!(harm.answer, Guardrails::Harm, "{}", harm.says);
    assert_eq!(
        of(&[0; 8]).says,
        "not known: nothing was dismissed in either arm, so nobody can tell whether dismissals are recorded"
    );
    // Whoever counts them says that none is none: 60 of 60 findings in each arm were not dismissed.
    let numbers = Registered {
        kind: GuardrailKind::of("dismissal"),
        margin: None,
        amounts: amounts(&[(0.0, 60.0), (0.0, 60.0)], &[(0.0, 60.0), (0.0, 60.0)]),
    };
    let counted = |n: &[usize]| {
        guardrails(&dismissing(n), Some(std::slice::from_ref(&numbers))).unwrap().remove(0)
    };
    assert_eq!(counted(&[0; 8]).answer, Guardrails::Safe, "{}", counted(&[0; 8]).says);
    // What the findings show is not counted away.
    assert_eq!(counted(&[1, 9, 2, 10, 1, 9, 1, 8]).answer, Guardrails::Harm);
}

proptest! {
    // Half of the numbers are of a size that happens; the others are anything that is finite.
    #[test]
    fn no_number_is_invented(
        name in prop::sample::select(vec!["override", "blocked", "bad fixes", "noise", "not affected", "flow", "sentiment", "builds red", "pager"]),
        control in prop::collection::vec((prop_oneof![0.0..20.0_f64, -1e300..1e300], prop_oneof![0.0..50.0_f64, 0.0..1e300]), 0..6),
        treated in prop::collection::vec((prop_oneof![0.0..20.0_f64, -1e300..1e300], prop_oneof![0.0..50.0_f64, 0.0..1e300]), 0..6),
    ) {
        let it = read(name, Some(1.0), amounts(&control, &treated));
        if let (Some(worsening), Some((low, high))) = (it.worsening, it.interval) {
            prop_assert!(low <= worsening && worsening <= high && low < high, "{it:?}");
        }
        if it.answer == Guardrails::Safe && name != "builds red" {
            prop_assert!(it.interval.is_some_and(|(_, high)| high < 1.0), "{it:?}");
        }
    }
}
