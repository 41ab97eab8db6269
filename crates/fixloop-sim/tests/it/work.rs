use std::collections::HashMap;
use std::process::Command;

use fixloop_sim::{LandedKind, Moment, Organization, Settings};

fn settings() -> Settings {
    Settings { n_teams: 10, history_days: 120, prevention: 1.0, ..Settings::default() }
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
        assert!(firsts.len() > 10, "{}", firsts.len());
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
