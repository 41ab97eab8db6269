//! Every draft is in exactly one class, whatever the events and the histories are.

use fixloop_model::Ending;
use proptest::prelude::*;

use super::*;
use crate::{chain, findings, health};

/// Repository, package, day and what happened.
type Step = (u8, u8, u8, u8, u8);

fn world(steps: &[Step], histories: &[Step]) -> World {
    let mut world = World::new();
    let names = ["web", "site", "api", "tools", "nowhere"];
    for (repository, package, at, what, source) in steps {
        let repository = names[usize::from(repository % 5)];
        let path = if what & 16 == 0 { LOCK } else { "package.json" };
        world.mode = if what & 32 == 0 { Mode::Alert } else { Mode::Observe };
        world.is_first = [Some(true), Some(false), None][usize::from(source % 3)];
        let how = ["+", "+", "=fixed", "=removed", "=suppressed", "=closed", "!", "?"];
        let step = how[usize::from(what % 8)];
        let at = f64::from(*at) / 3.0 - 10.0;
        let source = source % 4;
        world.story(&format!("{source} {repository}/{path} p{}@1 {at}{step}", package % 4));
    }
    for (repository, package, at, length, disclosed) in histories {
        let repository = names[usize::from(repository % 4)];
        let introduced = f64::from(*at) / 2.0 - 40.0;
        let disclosed = f64::from(*disclosed) - 150.0;
        let start = introduced.max(disclosed);
        let endings = [Ending::Upgraded, Ending::Removed, Ending::Suppressed];
        let end = endings.get(usize::from(length % 4)).map(|it| (start + f64::from(*length), *it));
        let package = format!("p{}@1", package % 4);
        world.exposure((repository, LOCK), &package, (introduced, disclosed), end);
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn counts_add_up(
        steps in prop::collection::vec(any::<Step>(), 0..60),
        histories in prop::collection::vec(any::<Step>(), 0..12),
        cut in 0.0..60.0,
    ) {
        let (mut world, pilot) = (world(&steps, &histories), pilot(cut));
        let joined = world.joined(&pilot);
        let mut seen: Vec<usize> = joined.drafts.iter().flat_map(|it| it.seen.clone()).collect();
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..joined.seen.len()).collect::<Vec<_>>());
        for (before, after) in world.opportunities.iter().zip(&joined.opportunities) {
            prop_assert!(after.introduced <= before.introduced && after.start <= before.start);
            prop_assert!(after.start <= after.entry && after.start >= after.disclosed);
            prop_assert_eq!(before.end, after.end);
        }
        let chain = chain(&pilot, &world.targets(), &joined, &world.events, None);
        for arm in &chain.arms {
            prop_assert_eq!(arm.classes.values().sum::<usize>(), arm.seen.n);
            prop_assert_eq!(arm.landed.of + arm.prevented.of, arm.acted.n);
            for it in [arm.delivered, arm.repositories_seen, arm.seen, arm.acted, arm.landed, arm.prevented] {
                prop_assert!(it.n <= it.of);
            }
        }
        let unjoined: usize = chain.unjoinable.drafts.values().sum();
        let others = joined.drafts.iter().filter(|it| it.class.as_str() != "unjoined").count();
        prop_assert_eq!(unjoined + others, joined.drafts.len());
        let text = findings(&pilot, &world.mirrors(), &joined).csv();
        health(&pilot, &world.targets(), &world.mirrors(), &world.events);
        // The order of events and their repetition do not matter.
        let again = world.events.clone();
        world.events.reverse();
        world.events.extend(again);
        let second = world.joined(&pilot);
        prop_assert_eq!(&second.drafts, &joined.drafts);
        prop_assert_eq!(findings(&pilot, &world.mirrors(), &second).csv(), text);
    }
}
