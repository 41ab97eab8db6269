use proptest::prelude::*;

use super::*;

fn entry(hypothesis: usize, p: Option<f64>, e: Option<f64>) -> Entry {
    Entry { hypothesis: format!("h{hypothesis}"), p, e, effect: None, frozen: None }
}

fn of_p(p_values: &[f64]) -> Vec<Entry> {
    p_values.iter().enumerate().map(|(place, p)| entry(place, Some(*p), None)).collect()
}

fn standings(entries: &[Entry]) -> Vec<Standing> {
    ledger(entries, 0.1).unwrap().ranked.iter().map(|it| it.standing).collect()
}

#[test]
fn a_frozen_decision_stays_whatever_comes_later() {
    let mut entries = of_p(&[0.04]);
    assert_eq!(standings(&entries), [Standing::Confirmed]);
    entries.extend((1..9).map(|it| entry(it, Some(0.9), None)));
    assert_eq!(standings(&entries)[0], Standing::Open);
    entries[0].frozen = Some(Frozen::Confirmed);
    let it = ledger(&entries, 0.1).unwrap();
    assert_eq!(it.ranked[0].standing, Standing::Confirmed);
    assert!(it.ranked[0].is_kept && !it.ranked[0].is_confirmed_by_p);
    entries[1].frozen = Some(Frozen::Rejected);
    entries[1].p = Some(1e-9);
    assert_eq!(standings(&entries)[1], Standing::Rejected);
}

#[test]
fn one_chance_and_not_two() {
    let entries = [entry(0, Some(0.5), Some(1e6)), entry(1, None, Some(1e6))];
    assert_eq!(standings(&entries), [Standing::Open, Standing::Confirmed]);
}

#[test]
fn effects_are_shrunk_from_five_experiments_on() {
    let mut entries = of_p(&[0.01, 0.04, 0.2, 0.5]);
    entries[0].effect = Some(0.4);
    assert_eq!(ledger(&entries, 0.1).unwrap().shrinkage, None);
    entries.push(entry(4, Some(0.9), None));
    let it = ledger(&entries, 0.1).unwrap();
    // z of 2.576, 2.054, 1.282, 0.674 and 0.126: squares sum to 12.967, and 1 - 3 / 12.967 = 0.769.
    let shrinkage = it.shrinkage.unwrap();
    assert!((shrinkage - 0.769).abs() < 5e-4, "{shrinkage}");
    assert!((it.ranked[0].shrunk.unwrap() - 0.4 * shrinkage).abs() < 1e-12);
    assert_eq!(ledger(&of_p(&[1.0; 6]), 0.1).unwrap().shrinkage, Some(0.0));
}

#[test]
fn what_is_no_number_is_refused() {
    let text = |entries: &[Entry]| ledger(entries, 0.1).unwrap_err().to_string();
    assert_eq!(text(&[entry(0, Some(1.5), None)]), "hypothesis `h0`");
    assert_eq!(text(&[entry(0, None, Some(f64::NAN))]), "hypothesis `h0`");
    assert_eq!(
        text(&[entry(0, None, None)]),
        "hypothesis `h0` has neither p-value nor e-value nor a frozen decision"
    );
    assert_eq!(
        text(&[entry(0, Some(0.5), None), entry(0, Some(0.5), None)]),
        "hypothesis `h0` is there twice"
    );
    assert!(ledger(&[], 1.5).is_err());
    assert_eq!(ledger(&[], 0.1).unwrap().ranked, []);
}

proptest! {
    // The first rows are decided, and then others come.
    #[test]
    fn later_rows_never_take_a_decision_back(
        first in prop::collection::vec(0.0..0.2_f64, 1..8),
        later in prop::collection::vec(0.0..1.0_f64, 0..8),
    ) {
        let mut entries = of_p(&first);
        let before = standings(&entries);
        for (it, standing) in entries.iter_mut().zip(&before) {
            it.frozen = (*standing == Standing::Confirmed).then_some(Frozen::Confirmed);
        }
        entries.extend(later.iter().enumerate().map(|(it, p)| entry(100 + it, Some(*p), None)));
        for (now, before) in standings(&entries).iter().zip(before) {
            prop_assert!(before != Standing::Confirmed || *now == Standing::Confirmed);
        }
    }

    #[test]
    fn the_order_of_rows_says_nothing(p in prop::collection::vec(0.0..1.0_f64, 1..12)) {
        let mut backward: Vec<f64> = p.clone();
        backward.reverse();
        let mut there = standings(&of_p(&p));
        there.reverse();
        prop_assert_eq!(there, standings(&of_p(&backward)));
    }
}
