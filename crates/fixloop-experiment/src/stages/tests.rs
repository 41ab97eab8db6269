use proptest::prelude::*;

use super::*;

/// Findings of one stage of `days` each, then fixed and watched to day 40.
fn table(days: &[(u32, Option<Arm>, f64, f64)], arms: bool) -> StageTable {
    let stretches = days.iter().enumerate().flat_map(|(finding, (team, arm, waited, worked))| {
        let stretch = |start, stop, from, to| StageStretch {
            finding,
            team: *team,
            arm: *arm,
            start,
            stop,
            from,
            to,
        };
        [stretch(0.0, *waited, 0, Some(1)), stretch(*waited, waited + worked, 1, Some(2))]
    });
    StageTable {
        stages: ["unalerted", "alerted", "fixed"].map(str::to_owned).to_vec(),
        n_teams: days.iter().map(|it| it.0 as usize + 1).max().unwrap_or(0),
        arm_names: arms.then(|| ["control".to_owned(), "treated".to_owned()]),
        stretches: stretches.collect(),
    }
}

/// Four teams of three findings that wait 2 days and work 8, more or less.
fn slow_to_work() -> StageTable {
    let days = (0..12).map(|it| {
        let team = it % 4;
        (team, None, 2.0 + f64::from(team) / 10.0, 8.0 + f64::from(it / 4))
    });
    table(&days.collect::<Vec<_>>(), false)
}

#[test]
fn a_stage_that_explains_little_is_rejected() {
    let it = stages(&slow_to_work(), 30.0, Some(0.3)).unwrap();
    let names: Vec<_> = it.stages.iter().map(|it| (&*it.name, it.is_open, it.ceiling)).collect();
    let [first, second, third] = names[..] else { panic!("{names:?}") };
    assert_eq!(first, ("unalerted", true, Some(Ceiling::Rejected)));
    assert_eq!(second, ("alerted", true, Some(Ceiling::Enough)));
    assert_eq!(third, ("fixed", false, None));
    assert!((it.stages[0].groups[0].days - 2.15).abs() < 1e-9, "{it:?}");
    assert!((it.stages[1].groups[0].days - 9.0).abs() < 1e-9, "{it:?}");
    assert!((it.open_days[0] - 11.15).abs() < 1e-9);
}

#[test]
fn one_team_is_no_sample() {
    let one = table(&[(0, None, 2.0, 3.0), (0, None, 1.0, 4.0)], false);
    let it = stages(&one, 10.0, Some(0.9)).unwrap();
    assert_eq!(it.stages[0].groups[0].jackknife, None);
    assert_eq!(it.stages[0].ceiling, Some(Ceiling::CannotTell));
}

#[test]
fn what_cannot_be_told_is_an_error_that_says_why() {
    let text = |table: &StageTable, horizon, wanted| {
        stages(table, horizon, wanted).unwrap_err().to_string()
    };
    let good = slow_to_work();
    let none = StageTable { stretches: Vec::new(), ..good.clone() };
    assert_eq!(text(&none, 30.0, None), "there is no stretch of any finding");
    assert_eq!(text(&good, f64::NAN, None), "horizon `NaN` is no number of days above 0");
    assert_eq!(text(&good, 30.0, Some(1.5)), "wanted share `1.5` is not between 0 and 1");
    let mut watched = good.clone();
    for it in watched.stretches.iter_mut().filter(|it| it.from == 1) {
        it.to = None;
    }
    let end = stages(&watched, 300.0, None);
    assert!(matches!(end, Err(StagesError::TooShort { .. })), "{end:?}");
    let mut moved = good.clone();
    moved.stretches[1].team = 3;
    assert_eq!(text(&moved, 30.0, None), "finding 0 is in two teams or two arms");
    let mut gap = good;
    gap.stretches[1].start += 0.5;
    assert!(matches!(stages(&gap, 30.0, None), Err(StagesError::Transitions { .. })));
}

#[test]
fn an_arm_without_findings_is_an_error() {
    let one_armed =
        table(&[(0, Some(Arm::Control), 1.0, 2.0), (1, Some(Arm::Control), 1.0, 2.0)], true);
    let error = stages(&one_armed, 10.0, None).unwrap_err();
    assert_eq!(error.to_string(), "treated");
}

proptest! {
    // Teams are whole in an arm or in both, whichever comes; days add up, and arms' differences are those of their days.
    #[test]
    fn days_add_up_to_the_horizon(
        days in prop::collection::vec((0..6_u32, any::<bool>(), 0.0..20.0_f64, 0.5..20.0_f64), 1..30),
        horizon in 1.0..60.0_f64,
    ) {
        let arm = |it: bool| if it { Arm::Treated } else { Arm::Control };
        let days: Vec<_> = days.iter().map(|it| (it.0, Some(arm(it.1)), it.2, it.3)).collect();
        let Ok(it) = stages(&table(&days, true), horizon, Some(0.2)) else { return Ok(()) };
        for at in 0..2 {
            let sum: f64 = it.stages.iter().map(|it| it.groups[at].days).sum();
            prop_assert!((sum - horizon).abs() < 1e-9 * horizon);
        }
        for stage in &it.stages {
            if let Some(difference) = stage.difference {
                let apart = stage.groups[1].days - stage.groups[0].days;
                prop_assert!((difference.estimate - apart).abs() < 1e-9);
            }
        }
    }
}
