use crate::tests::samples::{entered, event, open};
use crate::{Band, Causes, Level, Observation, Quantile, kaplan_meier, quantile};

fn median(observations: &[Observation]) -> Quantile {
    let curve = kaplan_meier(observations, Causes::Any).unwrap();
    quantile(&curve, 0.5, Band::LogLog, Level::P95)
}

#[test]
fn too_few_events_do_not_reach_the_median() {
    assert_eq!(median(&[event(1.0), open(2.0), open(3.0)]).time, None);
    assert_eq!(median(&[open(2.0)]), Quantile { time: None, lower: None, upper: None });
}

#[test]
fn a_flat_stretch_at_the_level_gives_its_middle() {
    let half = [event(1.0), event(2.0), event(3.0), event(5.0)];
    assert_eq!(median(&half).time, Some(2.5));
    assert_eq!(median(&[event(1.0), open(7.0)]).time, Some(4.0));
}

#[test]
fn the_first_crossing_counts() {
    assert_eq!(median(&[event(1.0), event(2.0), event(3.0)]).time, Some(2.0));
    assert_eq!(median(&[entered(1.0, 4.0), entered(2.0, 6.0), event(9.0)]).time, Some(6.0));
}

#[test]
fn a_share_that_is_none_is_not_reached() {
    let curve = kaplan_meier(&[event(1.0), event(2.0)], Causes::Any).unwrap();
    for p in [f64::NAN, 0.0, -1.0, 1.5] {
        assert_eq!(quantile(&curve, p, Band::Log, Level::P95).time, None);
    }
}
