use fixloop_program::alerts::github;
use fixloop_program::evidence::late_alerts::{LINES, late_alerts};
use fixloop_program::evidence::{self, Verdict};
use fixloop_sim::{Organization, Settings};

use crate::mine::mine;

#[test]
fn the_host_alerts_late() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { n_teams: 8, history_days: 200, ..Settings::default() };
    let organization = Organization::new(folder.path(), 2, &settings).unwrap();
    let list = github::parse(organization.alerts_json().as_bytes()).unwrap();
    assert_eq!(list.skipped, [""; 0]);
    let mined = mine(&organization);
    let counted: Vec<&_> = mined.opportunities.iter().collect();
    let of =
        evidence::Mined { opportunities: &counted, exposures: &mined.exposures, cut: mined.cut };
    let found = late_alerts(of, Some(&list.alerts), LINES);
    assert_eq!(found.verdict, Verdict::Supported);
    let n_alerts = list.alerts.len();
    let used = format!("{n_alerts} of {n_alerts} are of an opportunity");
    assert!(found.facts.contains(&("alerts", used)), "{:?}", found.facts);
    let n_alerted = found.measure.n / counted.len() as f64;
    assert!(
        (0.6..0.95).contains(&n_alerted),
        "what is fixed before the scan has none: {n_alerted}"
    );
}
