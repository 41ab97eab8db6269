//! Histories written as lines, and what they come to.

use std::collections::BTreeMap;

use fixloop_model::{Class, Timestamp};

use crate::*;

const DAY: i64 = 86_400_000_000;
/// Before every history: disclosed long ago.
const LONG_AGO: i64 = -1000;

/// `PACKAGE@VERSION ID DISCLOSED-DAY [withdrawn DAY]` lines: what is affected.
fn advisories(text: &str) -> BTreeMap<String, Vec<Vec<String>>> {
    let mut found: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for line in text.lines().map(str::trim).filter(|it| !it.is_empty()) {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        found.entry(words[0].clone()).or_default().push(words);
    }
    found
}

/// Components and alias groups as they are met.
#[derive(Default)]
struct Known {
    affected: BTreeMap<String, Vec<Vec<String>>>,
    components: Vec<Held>,
    groups: Vec<VulnerabilityGroup>,
    packages: Vec<String>,
}

fn place<T>(list: &mut Vec<T>, is_it: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> u32 {
    let known = list.iter().position(is_it).unwrap_or_else(|| {
        list.push(new());
        list.len() - 1
    });
    u32::try_from(known).unwrap()
}

impl Known {
    /// The number of a component, `NAME@VERSION`; without a version, none is told.
    fn component(&mut self, word: &str) -> u32 {
        let (name, version) = word.split_once('@').unwrap();
        let package = place(&mut self.packages, |it| it == name, || name.to_owned());
        let mut hits = Vec::new();
        for words in self.affected.get(word).into_iter().flatten() {
            let ids = vec![words[1].clone()];
            let group = || VulnerabilityGroup { ids: ids.clone() };
            hits.push(Hit {
                group: place(&mut self.groups, |it| it.ids == ids, group),
                class: Class::Vulnerability,
                severity: None,
                disclosed: Timestamp(words[2].parse::<i64>().unwrap() * DAY),
                withdrawn: words.get(4).map(|it| Timestamp(it.parse::<i64>().unwrap() * DAY)),
            });
        }
        let held = || Held {
            ecosystem: "npm".to_owned(),
            name: name.to_owned(),
            package,
            version: (!version.is_empty()).then(|| version.to_owned()),
            direct: None,
            scope: None,
            hits,
        };
        let is_it =
            |held: &Held| held.name == name && held.version.as_deref().unwrap_or("") == version;
        place(&mut self.components, is_it, held)
    }

    /// `p*12` stands for twelve packages of no interest.
    fn inventory(&mut self, words: &[&str]) -> Vec<u32> {
        let mut inventory: Vec<u32> = Vec::new();
        for word in words {
            match word.split_once('*') {
                Some((name, n)) => {
                    let n: usize = n.parse().unwrap();
                    inventory.extend((0..n).map(|at| self.component(&format!("{name}{at}@1"))));
                }
                None => inventory.push(self.component(word)),
            }
        }
        inventory.sort_unstable();
        inventory
    }

    /// What accepting this id everywhere covers.
    fn accepted(&self, id: &str, files: &[FileTrack]) -> Vec<(u32, u32, u32)> {
        let mut pairs = Vec::new();
        for (component, held) in (0..).zip(&self.components) {
            for hit in held.hits.iter().filter(|it| self.groups[it.group as usize].ids[0] == id) {
                pairs.extend((0..).zip(files).map(|(file, _)| (file, component, hit.group)));
            }
        }
        pairs
    }
}

/// Lines `DAY PATH PACKAGE@VERSION…`, `DAY PATH gone`, `DAY PATH unreadable`, `DAY .` (a commit without changes), `accept DAY ID`.
fn sightings(history: &str, affected: &str, cut: i64) -> Sightings {
    let mut known = Known { affected: advisories(affected), ..Known::default() };
    let mut it = Sightings {
        repository: "r".to_owned(),
        moments: Vec::new(),
        files: Vec::new(),
        inventories: Vec::new(),
        components: Vec::new(),
        groups: Vec::new(),
        accepted: Vec::new(),
        cut: Timestamp(cut * DAY),
    };
    let mut accepts: Vec<(i64, String)> = Vec::new();
    for line in history.lines().map(str::trim).filter(|it| !it.is_empty()) {
        let words: Vec<&str> = line.split(' ').collect();
        if words[0] == "accept" {
            accepts.push((words[1].parse().unwrap(), words[2].to_owned()));
            continue;
        }
        let time = Timestamp(words[0].parse::<i64>().unwrap() * DAY);
        if it.moments.last().is_none_or(|last| last.time != time) {
            it.moments.push(Moment { time, id: format!("c{}", words[0]) });
        }
        let moment = u32::try_from(it.moments.len() - 1).unwrap();
        if words[1] == "." {
            continue;
        }
        let state = match words[2..] {
            ["gone"] => FileState::Absent,
            ["unreadable"] => FileState::Unknown,
            ref held => {
                it.inventories.push(known.inventory(held));
                FileState::Holds(u32::try_from(it.inventories.len() - 1).unwrap())
            }
        };
        let path = words[1].to_owned();
        // As in a git history: lockfiles of one folder are one slot, requirements files are each their own.
        let folder = path.rsplit_once('/').map_or("", |it| it.0).to_owned();
        let slot = if path == "dev.txt" || path == "main.txt" { path.clone() } else { folder };
        let sighting = Sighting { moment, state };
        match it.files.iter_mut().find(|file| file.path == path) {
            Some(file) => file.sightings.push(sighting),
            None => it.files.push(FileTrack { path, slot, sightings: vec![sighting] }),
        }
    }
    let acceptance = |(day, id): (i64, String)| Acceptance {
        from: Timestamp(day * DAY),
        pairs: known.accepted(&id, &it.files),
    };
    it.accepted = accepts.into_iter().map(acceptance).collect();
    it.components = known.components;
    it.groups = known.groups;
    it
}

fn day(time: Timestamp) -> i64 {
    time.0 / DAY
}

/// One line for each exposure, then for each opportunity.
fn render(found: &Exposures) -> String {
    let mut lines = Vec::new();
    for it in &found.exposures {
        let end =
            it.end.map_or_else(|| format!("…{}", day(it.last_seen)), |it| day(it).to_string());
        let after = it.version_after.as_ref().map(|it| format!(" → {it}")).unwrap_or_default();
        let mut line = format!(
            "{} {} {}: in {} start {} end {end} {} {}{after}",
            it.target,
            it.name,
            it.ids[0],
            day(it.introduced),
            day(it.start),
            it.outcome.as_str(),
            it.version_before,
        );
        if it.left_truncated {
            line.push_str(" left-truncated");
        }
        for it in &it.regressions {
            line.extend([
                format!(" (upgraded to {} on {}, ", it.upgraded_version, day(it.upgraded)),
                format!("back to {} on {} ", it.reverted_version, day(it.reverted)),
                format!("by {})", it.reverting_commit),
            ]);
        }
        lines.push(line);
    }
    for it in &found.early_ends {
        lines.push(format!("early: {} {} in {}", it.name, it.ids[0], day(it.introduced)));
    }
    for (target, time) in &found.quarantined {
        lines.push(format!("quarantined: {target} on {}", day(*time)));
    }
    for it in &found.opportunities {
        let end = it.end.map_or_else(|| "…".to_owned(), |it| day(it).to_string());
        lines.push(format!(
            "[{}] {} exposures {}..{end} {}",
            it.id,
            it.exposures.len(),
            day(it.start),
            it.outcome.as_str()
        ));
    }
    lines.join("\n")
}

#[track_caller]
fn check(history: &str, affected: &str, cut: i64, expected: &str) {
    let found = render(&exposures(&sightings(history, affected, cut)));
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
    assert_eq!(found.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn an_upgrade_and_a_removal_end_an_exposure() {
    let affected = format!("x@1 A {LONG_AGO}\ny@1 B 5");
    check(
        "0 lock z@1\n3 lock x@1 y@1 z@1\n10 lock x@2 y@1 z@1\n20 lock x@2 z@1",
        &affected,
        100,
        "r:lock x A: in 3 start 3 end 10 upgraded 1 → 2
         r:lock y B: in 3 start 5 end 20 removed 1
         [r:lock#npm/x#1] 1 exposures 3..10 upgraded
         [r:lock#npm/y#1] 1 exposures 5..20 removed",
    );
}

#[test]
fn what_is_there_at_first_is_left_truncated_and_what_stays_is_open() {
    check(
        "0 lock x@1\n50 .",
        &format!("x@1 A {LONG_AGO}"),
        100,
        "r:lock x A: in 0 start 0 end …100 open 1 left-truncated
         [r:lock#npm/x#1] 1 exposures 0..… open",
    );
}

#[test]
fn what_went_before_it_was_disclosed_was_never_to_be_fixed() {
    check("1 lock z@1\n2 lock x@1\n9 lock x@2", "x@1 A 50", 100, "early: x A in 2");
    check("1 lock z@1\n2 lock x@1", "x@1 A 150", 100, "early: x A in 2");
}

#[test]
fn what_comes_back_within_14_days_goes_on_and_is_a_regression() {
    let affected = format!("x@1 A {LONG_AGO}");
    check(
        "0 lock z@1\n1 lock x@1\n10 lock x@2\n24 lock x@1\n60 lock x@3",
        &affected,
        100,
        "r:lock x A: in 1 start 1 end 60 upgraded 1 → 3 (upgraded to 2 on 10, back to 1 on 24 by c24)
         [r:lock#npm/x#1] 1 exposures 1..60 upgraded",
    );
    check(
        "0 lock z@1\n1 lock x@1\n10 lock x@2\n25 lock x@1\n60 lock x@3",
        &affected,
        100,
        "r:lock x A: in 1 start 1 end 10 upgraded 1 → 2
         r:lock x A: in 25 start 25 end 60 upgraded 1 → 3
         [r:lock#npm/x#1] 1 exposures 1..10 upgraded
         [r:lock#npm/x#2] 1 exposures 25..60 upgraded",
    );
    // A package that was removed and came back was not upgraded.
    check(
        "0 lock z@1\n1 lock x@1 z@1\n10 lock z@1\n20 lock x@1 z@1",
        &affected,
        100,
        "r:lock x A: in 1 start 1 end …100 open 1
         [r:lock#npm/x#1] 1 exposures 1..… open",
    );
}

#[test]
fn one_upgrade_closes_all_advisories_of_a_package() {
    let affected = format!("x@1 A {LONG_AGO}\nx@1 B 5\nx@2 B 5\nx@3 C 90");
    check(
        "0 lock z@1\n1 lock x@1\n10 lock x@2\n20 lock x@3",
        &affected,
        100,
        "r:lock x A: in 1 start 1 end 10 upgraded 1 → 2
         r:lock x B: in 1 start 5 end 20 upgraded 2 → 3
         r:lock x C: in 20 start 90 end …100 open 3
         [r:lock#npm/x#1] 2 exposures 1..20 upgraded
         [r:lock#npm/x#2] 1 exposures 90..… open",
    );
}

#[test]
fn an_exposure_is_of_the_package_and_not_of_one_copy() {
    let affected = format!("x@1 A {LONG_AGO}\nx@2 A {LONG_AGO}");
    check(
        "0 lock z@1\n1 lock x@1 x@3\n10 lock x@2 x@3\n20 lock x@3",
        &affected,
        100,
        "r:lock x A: in 1 start 1 end 20 upgraded 2 → 3
         [r:lock#npm/x#1] 1 exposures 1..20 upgraded",
    );
}

#[test]
fn a_file_that_cannot_be_read_fixes_nothing() {
    let affected = format!("x@1 A {LONG_AGO}");
    check(
        "0 lock z@1\n1 lock x@1\n10 lock unreadable\n40 lock x@1\n50 lock x@2",
        &affected,
        100,
        "r:lock x A: in 1 start 1 end 50 upgraded 1 → 2
         [r:lock#npm/x#1] 1 exposures 1..50 upgraded",
    );
    // Until the end: last proved to be there when it could last be read.
    check(
        "0 lock z@1\n1 lock x@1\n10 lock unreadable",
        &affected,
        100,
        "r:lock x A: in 1 start 1 end …10 open 1
         [r:lock#npm/x#1] 1 exposures 1..… open",
    );
}

#[test]
fn a_moved_lockfile_goes_on() {
    let affected = format!("x@1 A {LONG_AGO}");
    check(
        "0 . .\n1 lock x@1 p*9\n10 lock gone\n10 web/lock x@1 p*9\n30 web/lock x@2 p*9",
        &affected,
        100,
        "r:lock x A: in 1 start 1 end 30 upgraded 1 → 2
         [r:lock#npm/x#1] 1 exposures 1..30 upgraded",
    );
    // In two commits, the copy first.
    check(
        "0 . .\n1 lock x@1 p*9\n8 web/lock x@1 p*9\n10 lock gone\n30 web/lock x@2 p*9",
        &affected,
        100,
        "r:lock x A: in 1 start 1 end 30 upgraded 1 → 2
         [r:lock#npm/x#1] 1 exposures 1..30 upgraded",
    );
    // Another project is none.
    check(
        "0 . .\n1 lock x@1 p*9\n10 lock gone\n10 web/lock x@1 q*9",
        &affected,
        100,
        "r:lock x A: in 1 start 1 end 10 removed 1
         r:web/lock x A: in 10 start 10 end …100 open 1
         [r:lock#npm/x#1] 1 exposures 1..10 removed
         [r:web/lock#npm/x#1] 1 exposures 10..… open",
    );
}

#[test]
fn another_package_manager_in_the_same_folder_goes_on() {
    let affected = format!("x@1 A {LONG_AGO}");
    let expected = "r:package-lock.json x A: in 1 start 1 end 40 upgraded 1 → 2
         [r:package-lock.json#npm/x#1] 1 exposures 1..40 upgraded";
    let switches = [
        "10 package-lock.json gone\n10 yarn.lock x@1",
        "10 yarn.lock x@1\n12 package-lock.json gone",
        "10 package-lock.json gone\n12 yarn.lock x@1",
    ];
    for switch in switches {
        let history = format!("0 . .\n1 package-lock.json x@1\n{switch}\n40 yarn.lock x@2");
        check(&history, &affected, 100, expected);
    }
}

#[test]
fn requirements_files_side_by_side_are_two_targets() {
    check(
        "0 . .\n1 main.txt x@1\n1 dev.txt x@1\n10 main.txt x@2",
        &format!("x@1 A {LONG_AGO}"),
        100,
        "r:dev.txt x A: in 1 start 1 end …100 open 1
         r:main.txt x A: in 1 start 1 end 10 upgraded 1 → 2
         [r:dev.txt#npm/x#1] 1 exposures 1..… open
         [r:main.txt#npm/x#1] 1 exposures 1..10 upgraded",
    );
}

#[test]
fn a_mass_drop_closes_nothing_until_it_has_stood() {
    let affected = format!("x@1 A {LONG_AGO}");
    // Back after 16 days, but less than 14 days of silence: nothing happened.
    check(
        "0 . .\n1 lock x@1 p*20\n10 lock p*1\n20 lock x@1 p*20\n50 lock x@2 p*20",
        &affected,
        100,
        "r:lock x A: in 1 start 1 end 50 upgraded 1 → 2
         quarantined: r:lock on 10
         [r:lock#npm/x#1] 1 exposures 1..50 upgraded",
    );
    // It stood: the fix is of the day of the drop.
    check(
        "0 . .\n1 lock x@1 p*20\n10 lock p*1",
        &affected,
        100,
        "r:lock x A: in 1 start 1 end 10 removed 1
         [r:lock#npm/x#1] 1 exposures 1..10 removed",
    );
    // Looked at too early to tell.
    check(
        "0 . .\n1 lock x@1 p*20\n95 lock gone",
        &affected,
        100,
        "r:lock x A: in 1 start 1 end …95 open 1
         quarantined: r:lock on 95
         [r:lock#npm/x#1] 1 exposures 1..… open",
    );
}

#[test]
fn accepted_exposures_end_as_suppressed_and_come_back() {
    let affected = format!("x@1 A {LONG_AGO}");
    check(
        "0 . .\n1 lock x@1\naccept 10 A\n30 lock x@2",
        &affected,
        100,
        "r:lock x A: in 1 start 1 end 10 suppressed 1
         [r:lock#npm/x#1] 1 exposures 1..10 suppressed",
    );
    // The exception is gone on day 60: exposed anew.
    check(
        "0 . .\n1 lock x@1\naccept 10 A\naccept 60 -\n80 lock x@2",
        &affected,
        100,
        "r:lock x A: in 1 start 1 end 10 suppressed 1
         r:lock x A: in 60 start 60 end 80 upgraded 1 → 2
         [r:lock#npm/x#1] 1 exposures 1..10 suppressed
         [r:lock#npm/x#2] 1 exposures 60..80 upgraded",
    );
}

#[test]
fn withdrawn_advisories_are_no_event() {
    check(
        "0 . .\n1 lock x@1\n30 lock x@2",
        &format!("x@1 A {LONG_AGO} withdrawn 20"),
        100,
        "r:lock x A: in 1 start 1 end 20 withdrawn 1 → 2",
    );
    check(
        "0 . .\n1 lock x@1\n30 lock x@2",
        &format!("x@1 A {LONG_AGO} withdrawn 0"),
        100,
        "early: x A in 1",
    );
}

#[test]
fn a_lockfile_deleted_beside_its_manifest_proves_nothing() {
    let affected = format!("x@1 A {LONG_AGO}");
    // From then on only requirements are known: neither fixed nor proved to be there.
    check(
        "0 . .\n1 lock x@1\n10 lock gone\n10 package.json unreadable",
        &affected,
        100,
        "r:lock x A: in 1 start 1 end …10 open 1
         [r:lock#npm/x#1] 1 exposures 1..… open",
    );
    // The manifest stayed where the lockfile was: a move all the same.
    check(
        "0 . .\n1 lock x@1 p*9\n10 lock gone\n10 package.json unreadable\n10 web/lock x@1 p*9\n30 web/lock x@2 p*9",
        &affected,
        100,
        "r:lock x A: in 1 start 1 end 30 upgraded 1 → 2
         [r:lock#npm/x#1] 1 exposures 1..30 upgraded",
    );
}

#[test]
fn a_version_that_is_not_told_is_no_upgrade() {
    let affected = format!("x@1 A {LONG_AGO}");
    check(
        "0 . .\n1 pom x@1\n10 pom x@\n20 pom x@2",
        &affected,
        100,
        "r:pom x A: in 1 start 1 end 20 upgraded 1 → 2
         [r:pom#npm/x#1] 1 exposures 1..20 upgraded",
    );
    // Untold for long: nobody knows when it went, so it is censored when it was last proved to be there.
    check(
        "0 . .\n1 pom x@1\n10 pom x@\n60 pom x@2\n70 pom x@1",
        &affected,
        100,
        "r:pom x A: in 1 start 1 end …10 open 1
         r:pom x A: in 70 start 70 end …100 open 1
         [r:pom#npm/x#1] 1 exposures 1..… open
         [r:pom#npm/x#2] 1 exposures 70..… open",
    );
    // Affected before and after: it was there all the time.
    check(
        "0 . .\n1 pom x@1\n10 pom x@\n60 pom x@1\n70 pom x@2",
        &affected,
        100,
        "r:pom x A: in 1 start 1 end 70 upgraded 1 → 2
         [r:pom#npm/x#1] 1 exposures 1..70 upgraded",
    );
}

#[test]
fn an_open_exposure_is_proved_until_its_version_is_no_longer_told() {
    check(
        "0 . .\n1 pom x@1\n10 pom x@\n20 pom x@ y@1",
        &format!("x@1 A {LONG_AGO}"),
        100,
        "r:pom x A: in 1 start 1 end …10 open 1
         [r:pom#npm/x#1] 1 exposures 1..… open",
    );
}

#[test]
fn nothing_seen_is_nothing() {
    check("0 . .", "", 100, "");
    let empty = Sightings { moments: Vec::new(), ..sightings("0 . .", "", 1) };
    assert!(exposures(&empty).exposures.is_empty());
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    fn histories() -> impl Strategy<Value = String> {
        let held = prop_oneof![
            3 => proptest::collection::vec("[xy]@[123]", 1..4).prop_map(|it| it.join(" ")),
            1 => Just("gone".to_owned()),
            1 => Just("unreadable".to_owned()),
        ];
        let path = prop_oneof![Just("lock"), Just("yarn"), Just("web/lock"), Just("dev.txt")];
        let line = (0i64..9, path, held);
        proptest::collection::vec(line, 0..25).prop_map(|lines| {
            let mut day = 0;
            let lines = lines.into_iter().map(|(after, path, held)| {
                day += after;
                format!("{day} {path} {held}")
            });
            lines.collect::<Vec<_>>().join("\n")
        })
    }

    proptest! {
        #[test]
        fn exposures_are_intervals_and_parts_of_their_opportunities(history in histories()) {
            let affected = format!("x@1 A {LONG_AGO}\nx@1 B 20\nx@2 B 20\ny@3 C 40 withdrawn 60");
            let found = exposures(&sightings(&history, &affected, 230));
            let mut ids = std::collections::HashSet::new();
            for it in &found.exposures {
                prop_assert!(it.introduced <= it.start && it.disclosed <= it.start);
                prop_assert!(it.start <= it.entry && it.start <= it.last_seen);
                prop_assert!(it.end.is_none_or(|end| it.start <= end));
                prop_assert_eq!(it.end.is_none(), it.outcome == fixloop_model::Ending::Open);
            }
            for it in &found.opportunities {
                prop_assert!(ids.insert(it.id.clone()));
                for place in &it.exposures {
                    let exposure = &found.exposures[*place];
                    prop_assert_eq!(&exposure.opportunity, &it.id);
                    prop_assert!(it.start <= exposure.start);
                    prop_assert!(it.end.is_none_or(|end| exposure.end.is_some_and(|it| it <= end)));
                }
            }
            // Those of one package and target do not overlap.
            for a in &found.opportunities {
                for b in &found.opportunities {
                    let is_same = (&a.target, &a.name) == (&b.target, &b.name) && a.id < b.id;
                    let until = |it: &fixloop_model::Opportunity| it.end.unwrap_or(it.last_seen);
                    let is_apart = until(a) < b.start || until(b) < a.start;
                    prop_assert!(!is_same || is_apart, "{} {}", a.id, b.id);
                }
            }
        }
    }
}
