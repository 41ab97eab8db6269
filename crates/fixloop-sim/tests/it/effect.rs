use fixloop_sim::{Organization, Settings, TimeToFix};

use crate::mine::mine;

/// Fixes per open day after day 0, of teams that are told and of those that are not.
fn pace(effect: f64) -> [f64; 2] {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        n_teams: 30,
        history_days: 60,
        effect,
        frailty: 0.0,
        time_to_fix: TimeToFix::EXPONENTIAL,
        ..Settings::default()
    };
    let is_told = |team: &str| team.ends_with(['0', '2', '4', '6', '8']);
    let mut organization = Organization::new(folder.path(), 9, &settings).unwrap();
    organization.advance(56, &mut |it| is_told(&it.team)).unwrap();
    let zero = organization.midnight(0).as_microsecond();
    let mut sums = [[0.0; 2]; 2];
    for it in mine(&organization).opportunities {
        let arm = usize::from(is_told(it.team.as_deref().unwrap()));
        let until = it.end.unwrap_or(it.last_seen).0;
        sums[arm][0] += f64::from(u8::from(it.end.is_some() && until > zero));
        sums[arm][1] += (until - it.start.0.max(zero)).max(0) as f64 / 86_400e6;
    }
    sums.map(|[fixes, days]| fixes / days)
}

/// The days before the team looks are not shortened, so the whole is a little less than planted.
#[test]
fn alerted_teams_fix_sooner_by_the_planted_ratio() {
    let [without, with] = pace(0.5);
    assert!((1.4..2.2).contains(&(with / without)), "{without} {with}");
    let [without, with] = pace(1.0);
    assert!((0.85..1.18).contains(&(with / without)), "{without} {with}");
}
