use std::fmt::Write as _;

use fixloop_model::Ending;
use fixloop_program::evidence;
use fixloop_readout::{Ages, Input, Row, TIME_TO_FIX, readout};
use fixloop_sim::{Organization, Settings};

use crate::mine::{Mined, mine};

fn counts(mined: &Mined) -> [usize; 5] {
    let counted: Vec<&_> = mined.opportunities.iter().collect();
    let of =
        || evidence::Mined { opportunities: &counted, exposures: &mined.exposures, cut: mined.cut };
    let known = evidence::known_at_introduction::known_at_introduction(
        of(),
        evidence::known_at_introduction::LINES,
    );
    let undone = evidence::upgrade_regressions::upgrade_regressions(
        of(),
        evidence::upgrade_regressions::LINES,
    );
    let ended = |ending| mined.opportunities.iter().filter(|it| it.outcome == ending).count();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts")]
    let count = |x: f64| x as usize;
    [
        mined.opportunities.len(),
        count(known.measure.x),
        ended(Ending::Upgraded),
        ended(Ending::Removed),
        count(undone.measure.x),
    ]
}

/// Regressions are planted often, so that there are some.
#[test]
fn what_was_planted_is_what_is_mined() {
    let folder = tempfile::tempdir().unwrap();
    let settings =
        Settings { n_teams: 8, upgrade_regressions: 0.05, effect: 0.7, ..Settings::default() };
    let mut organization = Organization::new(folder.path(), 11, &settings).unwrap();
    organization.advance(28, &mut |it| it.team.ends_with(['1', '3', '5'])).unwrap();
    let planted = organization.planted();
    let mined = mine(&organization);
    let [n, known, upgraded, removed, undone] = counts(&mined);
    let mut table = "                 planted  mined\n".to_owned();
    let mut row = |name: &str, planted: usize, mined: usize| {
        writeln!(table, "{name:<16} {planted:>7} {mined:>6}").unwrap();
        assert_eq!(planted, mined, "{name}");
    };
    row("opportunities", planted.n_opportunities, n);
    row("known", planted.n_known, known);
    row("upgraded", planted.n_upgrades - planted.n_regressions, upgraded);
    row("removed", planted.n_removals, removed);
    row("regressions", planted.n_regressions, undone);
    insta::assert_snapshot!(table, @r"
                     planted  mined
    opportunities       1494   1494
    known                 96     96
    upgraded            1021   1021
    removed              112    112
    regressions           51     51
    ");
}

#[test]
fn timing_is_like_that_of_the_public_repositories() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { n_teams: 24, ..Settings::default() };
    let organization = Organization::new(folder.path(), 3, &settings).unwrap();
    let mined = mine(&organization);
    let found = readout(Input {
        subject: "simulated".to_owned(),
        definition: TIME_TO_FIX,
        ages: Ages::default(),
        rows: mined.opportunities.iter().map(Row::of_opportunity).collect(),
        cut: Some(mined.cut),
        target_times: Vec::new(),
        facts: Vec::new(),
        limits: Vec::new(),
    });
    let [n, known, ..] = counts(&mined);
    let weeks = 400.0 / 7.0;
    let n_repositories = organization.repositories().count() as f64;
    let mut table = "                       wanted  found\n".to_owned();
    let mut row = |name: &str, wanted: f64, found: f64, tolerance: f64| {
        writeln!(table, "{name:<22} {wanted:>6.2} {found:>6.2}").unwrap();
        let is_near = (found - wanted).abs() <= tolerance;
        assert!(is_near, "{name}: {found}, not {wanted} ± {tolerance}\n{table}");
    };
    let share = |age: f64| {
        let found = found.overall.shares.iter().find(|it| it.days.to_bits() == age.to_bits());
        found.unwrap().fixed.as_ref().unwrap().value
    };
    row("median, days", 29.0, found.overall.median.value.unwrap(), 9.0);
    for (age, of_ten) in [(7.0, 0.33), (14.0, 0.42), (30.0, 0.50), (90.0, 0.66)] {
        row(&format!("fixed within {age}"), of_ten, share(age), 0.06);
    }
    row("known", 0.057, known as f64 / n as f64, 0.015);
    row("a team and week", 2.5, n as f64 / 24.0 / weeks, 0.4);
    row("commits a week", 1.7, mined.n_commits as f64 / n_repositories / weeks, 0.4);
}
