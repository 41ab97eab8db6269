//! Plans as people read them.

use fixloop_experiment::{Past, PastFinding, PlanQuestion, Reach, Treatment, default_looks, plan};
use fixloop_stats::{Observation, Outcome};

use super::{PlanReport, experiment_plan_json, write_experiment_plan_text};

/// Ten teams, each with a finding every fourth day for 400 days; the fix takes 5 to 39 days, and longer in later teams.
fn report(treatment: Treatment, n_teams: u32) -> PlanReport {
    let mut findings = Vec::new();
    for team in 0..10_u32 {
        for day in (team % 4..400).step_by(4) {
            let time = f64::from(5 + (day * 7 + team * 3) % 25 + team);
            let (day, cut) = (f64::from(day), 400.0);
            let (time, outcome) = if day + time > cut {
                (cut - day, Outcome::Censored)
            } else {
                (time, Outcome::Event(1))
            };
            let observation = Observation::new(time, outcome).unwrap();
            findings.push(PastFinding { team, stratum: 0, day, observation });
        }
    }
    let past = Past { teams: (0..10).map(|it| format!("T{it}")).collect(), findings, cut: 400.0 };
    let question = PlanQuestion {
        treatment,
        effect: 0.2,
        n_teams,
        days: 28,
        follow_up: 0,
        alpha: 0.05,
        power: 0.8,
        looks: default_looks(28),
        stock_days: 90,
        n_runs: 40,
        seed: 1,
    };
    let reach = |n| Reach { n, n_told: 20, n_cannot_tell: 0, days: 35.0, days_told: 100.0 };
    PlanReport {
        subject: "FILE.csv: 1,000 rows".to_owned(),
        teams_from: "teams by the table's column".to_owned(),
        scope: "at-introduction".to_owned(),
        reach: reach(1),
        first_reference: Some(reach(1)),
        worthwhile: 0.1,
        plan: plan(&past, &question).unwrap(),
    }
}

fn text(report: &PlanReport) -> String {
    let mut out = Vec::new();
    write_experiment_plan_text(report, &mut out).unwrap();
    anstream_free(&String::from_utf8(out).unwrap())
}

/// Without terminal styles.
fn anstream_free(text: &str) -> String {
    let mut plain = String::new();
    let mut is_escape = false;
    for it in text.chars() {
        match it {
            '\u{1b}' => is_escape = true,
            'm' if is_escape => is_escape = false,
            it if !is_escape => plain.push(it),
            _ => {}
        }
    }
    plain
}

#[test]
fn a_pilot_on_one_screen() {
    insta::assert_snapshot!(text(&report(Treatment::BuildBreak, 12)));
}

#[test]
fn a_refusal_says_how_many_teams_could() {
    insta::assert_snapshot!(text(&report(Treatment::BuildBreak, 6)));
}

#[test]
fn json_has_what_scripts_were_promised() {
    let document = experiment_plan_json(&report(Treatment::Hint, 6));
    assert_eq!(document["design"], "inside-team");
    assert_eq!(document["teams"], 6);
    assert_eq!(document["days"], 28);
    assert_eq!(document["reach"], 0.05);
    assert!(document["power"].as_f64().is_some_and(|it| (0.0..=1.0).contains(&it)));
    assert!(document["mde"].is_number());
    let refused = experiment_plan_json(&report(Treatment::BuildBreak, 6));
    for absent in ["design", "power", "mde", "formula_power", "replay"] {
        assert!(refused[absent].is_null(), "{absent}");
    }
    assert_eq!(refused["teams_needed"], 8);
    assert_eq!(refused["cannot_show"].as_array().map(Vec::is_empty), Some(false));
}

#[test]
fn no_word_promises_more_than_the_numbers() {
    for treatment in [Treatment::Hint, Treatment::BuildBreak] {
        let report = report(treatment, 12);
        let all = format!("{}{}", text(&report), experiment_plan_json(&report)).to_lowercase();
        for banned in ["significant", "trending", "almost", "chance to win"] {
            assert!(!all.contains(banned), "{banned}");
        }
    }
}
