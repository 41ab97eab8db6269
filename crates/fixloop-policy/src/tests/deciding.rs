//! Who sees what, and why.

use fixloop_model::{Class, Rating};
use proptest::prelude::*;

use super::{assigned, bundle, repository, treatment};
use crate::{
    About, Arm, Bundle, Facts, Mode, Moment, Place, Resolution, Ruling, Scope, Surface, Treatment,
    Why, decide, resolve,
};

const FIRST: Facts = Facts {
    surface: Surface::Editor,
    is_first_reference: Some(true),
    is_direct: Some(true),
    severity: Some(Rating::High),
    class: Class::Vulnerability,
};

fn ruling(bundle: &Bundle, team: &str, facts: Facts) -> Ruling {
    decide(&resolve(bundle, Some(repository(team))), facts, About::default())
}

#[track_caller]
fn check(bundle: &Bundle, team: &str, facts: Facts, expected: (Mode, Option<&str>, Why)) {
    let Ruling { mode, treatment, why, .. } = ruling(bundle, team, facts);
    assert_eq!((mode, treatment.as_deref(), why), expected, "{team} {facts:?}");
}

#[test]
fn a_live_treated_team_sees_and_nobody_else() {
    let bundle = bundle();
    let named = Some("treatment-1@3");
    check(&bundle, "treated", FIRST, (Mode::Alert, named, Why::Treated));
    check(&bundle, "held", FIRST, (Mode::Observe, named, Why::Holdout));
    check(&bundle, "paused", FIRST, (Mode::Observe, named, Why::NotLive));
    check(&bundle, "other", FIRST, (Mode::Observe, None, Why::Unassigned));
    check(&bundle, "stranger", FIRST, (Mode::Observe, None, Why::UnknownRepository));
    let nowhere = decide(&resolve(&bundle, None), FIRST, About::default());
    assert_eq!((nowhere.mode, nowhere.why), (Mode::Observe, Why::NoRepository));
    let treated = ruling(&bundle, "treated", FIRST);
    assert_eq!(treated.words.as_deref(), Some("Your team asked for this."));
    assert_eq!(treated.arm, Some(Arm::Treated));
    let held = ruling(&bundle, "held", FIRST);
    assert_eq!((held.words, held.link, held.arm), (None, None, Some(Arm::Holdout)));
}

#[test]
fn a_treatment_speaks_to_what_it_is_about() {
    let named = Some("treatment-1@3");
    let old = Facts { is_first_reference: Some(false), ..FIRST };
    let unknown = Facts { is_first_reference: None, ..FIRST };
    for team in ["treated", "held", "paused", "other"] {
        check(&bundle(), team, old, (Mode::Observe, None, Why::NotAbout));
    }
    for team in ["treated", "held"] {
        let expected = (Mode::Observe, None, Why::FirstReferenceUnknown);
        check(&bundle(), team, unknown, expected);
    }
    let with = |change: &dyn Fn(&mut Treatment)| {
        let mut bundle = bundle();
        change(&mut bundle.treatments[0]);
        bundle
    };
    let present = with(&|it| it.moment = Moment::Present);
    for facts in [old, unknown, FIRST] {
        check(&present, "treated", facts, (Mode::Alert, named, Why::Treated));
    }
    let direct = with(&|it| it.scope = Scope::Direct);
    let of = |is_direct: Option<bool>| Facts { is_direct, ..FIRST };
    check(&direct, "treated", of(Some(true)), (Mode::Alert, named, Why::Treated));
    check(&direct, "treated", of(Some(false)), (Mode::Observe, None, Why::NotAbout));
    check(&direct, "treated", of(None), (Mode::Observe, None, Why::DirectUnknown));
    let malicious = with(&|it| it.scope = Scope::Malicious);
    let class = |class: Class| Facts { class, ..FIRST };
    check(&malicious, "treated", class(Class::Malicious), (Mode::Alert, named, Why::Treated));
    check(&malicious, "treated", FIRST, (Mode::Observe, None, Why::NotAbout));
    let high = with(&|it| it.threshold = Some(Rating::High));
    let severity = |severity: Option<Rating>| Facts { severity, ..FIRST };
    check(&high, "treated", severity(Some(Rating::High)), (Mode::Alert, named, Why::Treated));
    check(&high, "treated", severity(None), (Mode::Alert, named, Why::Treated));
    check(&high, "treated", severity(Some(Rating::Medium)), (Mode::Observe, None, Why::NotAbout));
    let both = with(&|it| {
        it.scope = Scope::Direct;
        it.threshold = Some(Rating::High);
    });
    let neither = Facts { is_direct: None, severity: Some(Rating::Low), ..FIRST };
    check(&both, "treated", neither, (Mode::Observe, None, Why::NotAbout));
}

#[test]
fn otherwise_holds_where_no_treatment_speaks_to_the_surface() {
    let agent = Facts { surface: Surface::Agent, ..FIRST };
    let mut bundle = bundle();
    for team in ["treated", "held", "paused", "other"] {
        check(&bundle, team, agent, (Mode::Alert, None, Why::Otherwise));
    }
    check(&bundle, "stranger", agent, (Mode::Observe, None, Why::UnknownRepository));
    bundle.otherwise = Mode::Observe;
    check(&bundle, "treated", agent, (Mode::Observe, None, Why::Otherwise));
}

#[test]
fn the_hardest_mode_wins_and_the_holdout_wins_over_it() {
    let mut bundle = bundle();
    let harder = Treatment { mode: Mode::Break, moment: Moment::Present, ..treatment("a-break") };
    bundle.treatments.push(harder);
    bundle.treatments.push(treatment("a-alert"));
    for team in ["treated", "held"] {
        bundle.assigned.push(assigned("a-break", team, Arm::Treated, true));
        bundle.assigned.push(assigned("a-alert", team, Arm::Treated, true));
    }
    check(&bundle, "treated", FIRST, (Mode::Break, Some("a-break@3"), Why::Treated));
    check(&bundle, "held", FIRST, (Mode::Observe, Some("treatment-1@3"), Why::Holdout));
    // What the holdout's treatment does not speak to, it does not silence.
    let old = Facts { is_first_reference: Some(false), ..FIRST };
    check(&bundle, "held", old, (Mode::Break, Some("a-break@3"), Why::Treated));
    // Of equals, the first by id.
    bundle.assigned.retain(|it| it.treatment != "a-break");
    check(&bundle, "treated", FIRST, (Mode::Alert, Some("a-alert@3"), Why::Treated));
    // The treatment of a second rollout that has the team in its holdout.
    bundle.assigned.push(assigned("a-alert", "treated", Arm::Holdout, true));
    check(&bundle, "treated", FIRST, (Mode::Observe, Some("a-alert@3"), Why::Holdout));
}

#[test]
fn without_a_bundle_that_is_believed() {
    let refused = decide(&Resolution::observing(Why::NotBelieved), FIRST, About::default());
    assert_eq!((refused.mode, refused.why), (Mode::Observe, Why::NotBelieved));
    let none = decide(&Resolution::without_policy(), FIRST, About::default());
    assert_eq!((none.mode, none.why, none.treatment), (Mode::Alert, Why::WithoutPolicy, None));
    assert!(!Resolution::without_policy().has_policy());
    assert!(Resolution::observing(Why::Stale).has_policy());
}

#[test]
fn the_kill_switch_silences_all() {
    let bundle = Bundle { kill_switch: true, ..bundle() };
    for team in ["treated", "held", "stranger"] {
        check(&bundle, team, FIRST, (Mode::Observe, None, Why::KillSwitch));
        let agent = Facts { surface: Surface::Agent, ..FIRST };
        check(&bundle, team, agent, (Mode::Observe, None, Why::KillSwitch));
    }
}

#[test]
fn every_reason_has_its_own_words() {
    let mut words: Vec<&str> = Why::ALL.iter().map(|it| it.as_str()).collect();
    let mut sentences: Vec<&str> = Why::ALL.iter().map(|it| it.sentence()).collect();
    for it in [&mut words, &mut sentences] {
        it.sort_unstable();
        it.dedup();
    }
    assert_eq!((words.len(), sentences.len()), (Why::ALL.len(), Why::ALL.len()));
}

fn any<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(all)
}

const RATINGS: &[Option<Rating>] =
    &[None, Some(Rating::Low), Some(Rating::High), Some(Rating::Critical)];
const KNOWN: &[Option<bool>] = &[None, Some(false), Some(true)];

fn facts() -> impl Strategy<Value = Facts> {
    let classes = &[Class::Malicious, Class::Vulnerability, Class::Unmaintained];
    (any(Surface::ALL), any(KNOWN), any(KNOWN), any(RATINGS), any(classes)).prop_map(
        |(surface, is_first_reference, is_direct, severity, class)| Facts {
            surface,
            is_first_reference,
            is_direct,
            severity,
            class,
        },
    )
}

fn treatments() -> impl Strategy<Value = Vec<Treatment>> {
    let one = (any(Surface::ALL), any(Moment::ALL), any(Mode::ALL), any(Scope::ALL), any(RATINGS));
    prop::collection::vec(one, 1..6).prop_map(|all| {
        let of = |(at, (surface, moment, mode, scope, threshold))| {
            let id = format!("treatment-{at}");
            Treatment { surface, moment, mode, scope, threshold, ..treatment(&id) }
        };
        all.into_iter().enumerate().map(of).collect()
    })
}

/// Treatments, and a place of one team in each.
fn assigned_bundle(
    places: &'static [Option<(Arm, bool)>],
) -> impl Strategy<Value = (Bundle, Vec<usize>)> {
    let picked = prop::collection::vec(any(places), 6);
    let order = Just((0..6).collect::<Vec<usize>>()).prop_shuffle();
    (treatments(), picked, order).prop_map(|(treatments, places, order)| {
        let mut bundle = Bundle { treatments, assigned: Vec::new(), ..bundle() };
        for (it, place) in bundle.treatments.iter().zip(places) {
            let one = place.map(|(arm, is_live)| assigned(&it.id, "treated", arm, is_live));
            bundle.assigned.extend(one);
        }
        (bundle, order)
    })
}

const PLACES: &[Option<(Arm, bool)>] = &[
    None,
    Some((Arm::Treated, true)),
    Some((Arm::Treated, false)),
    Some((Arm::Holdout, true)),
    Some((Arm::Holdout, false)),
];

proptest! {
    #[test]
    fn the_holdout_only_ever_observes(
        (bundle, _) in assigned_bundle(&[Some((Arm::Holdout, true)), Some((Arm::Holdout, false))]),
        facts in facts(),
    ) {
        let ruling = ruling(&Bundle { otherwise: Mode::Observe, ..bundle }, "treated", facts);
        prop_assert!(!ruling.is_shown(), "{:?}", ruling);
    }

    #[test]
    fn whatever_a_holdout_speaks_to_is_silent((bundle, _) in assigned_bundle(PLACES), facts in facts()) {
        let resolution = resolve(&bundle, Some(repository("treated")));
        let ruling = decide(&resolution, facts, About::default());
        let mut alone = resolution.clone();
        alone.treatments.retain(|it| it.place == Place::Holdout);
        if decide(&alone, facts, About::default()).why == Why::Holdout {
            prop_assert_eq!(ruling.why, Why::Holdout);
            prop_assert_eq!(ruling.mode, Mode::Observe);
        }
    }

    #[test]
    fn the_kill_switch_always_observes((bundle, _) in assigned_bundle(PLACES), facts in facts()) {
        let ruling = ruling(&Bundle { kill_switch: true, ..bundle }, "treated", facts);
        prop_assert_eq!((ruling.mode, ruling.why), (Mode::Observe, Why::KillSwitch));
    }

    #[test]
    fn the_order_of_treatments_changes_nothing(
        (bundle, order) in assigned_bundle(PLACES),
        facts in facts(),
    ) {
        let before = ruling(&bundle, "treated", facts);
        let mut other = bundle.clone();
        let moved = order.iter().filter_map(|at| bundle.treatments.get(*at).cloned());
        other.treatments = moved.collect();
        other.assigned.reverse();
        prop_assert_eq!(ruling(&other, "treated", facts), before);
    }

    #[test]
    fn what_is_shown_is_shown_by_a_live_treated_place_or_otherwise(
        (bundle, _) in assigned_bundle(PLACES),
        facts in facts(),
    ) {
        let resolution = resolve(&bundle, Some(repository("treated")));
        let ruling = decide(&resolution, facts, About::default());
        prop_assert!(!ruling.is_shown() || matches!(ruling.why, Why::Treated | Why::Otherwise));
        prop_assert!(!ruling.is_shown() || !resolution.is_silent_on(facts.surface));
        // What is left of it for one surface says the same there.
        prop_assert_eq!(decide(&resolution.on(facts.surface), facts, About::default()), ruling);
    }
}
