use std::collections::{BTreeSet, HashMap};
use std::process::Command;

use fixloop_alert::{Context, Locked, alerts};
use fixloop_exceptions::Exceptions;
use fixloop_index::Index;
use fixloop_manifest::Format;
use fixloop_match::Known;
use fixloop_sim::{LandedKind, Moment, Organization, Settings, Work};

use crate::mine::index;

fn settings() -> Settings {
    Settings { n_teams: 8, history_days: 120, prevention: 1.0, ..Settings::default() }
}

/// A file of the default branch.
fn committed(git_dir: &std::path::Path, path: &str) -> String {
    let mut git = Command::new("git");
    let shown = git.arg("--git-dir").arg(git_dir).args(["show", &format!("main:{path}")]);
    String::from_utf8(shown.output().unwrap().stdout).unwrap()
}

#[test]
fn developers_have_open_what_is_committed() {
    let folder = tempfile::tempdir().unwrap();
    let mut it = Organization::new(folder.path(), 4, &settings()).unwrap();
    it.advance(3, &mut |_| false).unwrap();
    let work = it.work().unwrap();
    assert!(!work.is_empty());
    for it in work {
        assert_eq!(it.manifest_text, committed(&it.git_dir, it.manifest), "{}", it.repository);
        assert_eq!(it.lockfile_text, committed(&it.git_dir, it.lockfile), "{}", it.repository);
        for shown in it.exposures.iter().filter(|it| it.moment == Moment::Present) {
            assert!(it.manifest_text.contains(&format!("{}\"", shown.version)), "{shown:?}");
        }
    }
    // Asking again is no other day.
    let names: Vec<String> = work.iter().map(|it| it.repository.clone()).collect();
    assert!(it.work().unwrap().iter().map(|it| &it.repository).eq(&names));
}

/// Package, version and ids of what an editor shows in the edited manifest, judged by the lockfile that is there.
fn shown(index: &Index, it: &Work) -> BTreeSet<(String, String, Vec<String>)> {
    let known = Known::new(index);
    let exceptions = Exceptions::default();
    let today = jiff::civil::date(2026, 1, 5);
    let context =
        Context { known: &known, own: None, mirrors: &[], exceptions: &exceptions, today };
    let read = |path: &str, text: &str| Format::of_path(path).unwrap().parse(text);
    let locked = Locked::new(it.lockfile, read(it.lockfile, &it.lockfile_text));
    let evaluated = locked.evaluate(&context).unwrap();
    let text = it.edited.as_ref().unwrap_or(&it.manifest_text);
    let parsed = read(it.manifest, text);
    let alerts = alerts(&context, it.manifest, &parsed, Some((&locked, &evaluated))).unwrap();
    let shown = alerts.into_iter().map(|it| {
        let mut ids: Vec<String> = it.matches.iter().flat_map(|it| it.ids.clone()).collect();
        ids.sort();
        assert_eq!(it.unknown, None, "{}", it.name);
        (it.name.clone(), it.version.clone().unwrap(), ids)
    });
    shown.collect()
}

#[test]
fn an_editor_alerts_exactly_what_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let mut organization = Organization::new(folder.path(), 4, &settings()).unwrap();
    let (mut n_present, mut n_first) = (0, 0);
    for day in 0..8 {
        organization.work().unwrap();
        let index = index(&organization);
        for it in organization.work().unwrap() {
            let planted = it.exposures.iter().map(|it| {
                let mut ids = it.advisories.clone();
                ids.sort();
                (it.package.clone(), it.version.clone(), ids)
            });
            assert_eq!(shown(&index, it), planted.collect(), "{} on day {day}", it.repository);
            n_present += it.exposures.len();
            n_first += usize::from(it.edited.is_some());
        }
        organization.live(day + 1, &mut |_| day % 2 == 0).unwrap();
    }
    assert!(n_present > 300 && n_first > 1, "{n_present} {n_first}");
}

/// Whether first references are told decides what is committed, and nobody is asked twice about what is present.
#[test]
fn a_first_reference_that_is_alerted_never_lands() {
    for is_told in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let mut it = Organization::new(folder.path(), 4, &settings()).unwrap();
        let mut firsts = HashMap::new();
        let mut n_asked: HashMap<_, usize> = HashMap::new();
        let landed = it
            .advance(40, &mut |shown| {
                let key = (shown.repository.clone(), shown.package.clone());
                if shown.moment == Moment::FirstReference {
                    firsts.insert(key, shown.version.clone());
                    return is_told;
                }
                let key = (key, shown.version.clone());
                *n_asked.entry(key).or_default() += 1;
                true
            })
            .unwrap();
        assert!(firsts.len() > 5, "{}", firsts.len());
        assert!(n_asked.values().all(|it| *it == 1));
        for added in landed.iter().filter(|it| it.kind == LandedKind::Added) {
            let (package, _, version) = added.change.clone().unwrap();
            if let Some(vulnerable) = firsts.get(&(added.repository.clone(), package)) {
                assert_eq!(version.as_ref() == Some(vulnerable), !is_told, "{added:?}");
            }
        }
        assert_eq!(it.planted().n_prevented > 0, is_told);
    }
}

#[test]
fn settings_out_of_range_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = Settings { effect: f64::NAN, ..settings() };
    let refused = Organization::new(folder.path(), 4, &wrong).err().unwrap();
    assert_eq!(refused.to_string(), "the setting `effect` is `NaN`, not from 0.01 to 100");
}
