use fixloop_sim::{Organization, Settings, TimeToFix};

use crate::mine::mine;

/// Fixes per open day after day 0. The time before a team looks is not shortened, so the whole is a little less than planted; that an
/// effect of 1 is none, to the byte, is another test's.
#[test]
fn alerted_teams_fix_sooner_by_the_planted_ratio() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        n_teams: 30,
        history_days: 60,
        effect: 0.5,
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
    let [without, with] = sums.map(|[fixes, days]| fixes / days);
    assert!((1.5..2.2).contains(&(with / without)), "{without} {with}");
}
