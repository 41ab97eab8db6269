use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use fixloop_sim::{Organization, Settings};

fn settings(n_teams: usize) -> Settings {
    Settings { n_teams, history_days: 90, ..Settings::default() }
}

/// Three weeks, in which the teams that end so are told of everything.
fn lived(folder: &Path, seed: u64, settings: &Settings, told: &str) -> Organization {
    let mut it = Organization::new(folder, seed, settings).unwrap();
    it.advance(7, &mut |it| it.team.ends_with(told)).unwrap();
    it.advance(21, &mut |it| it.team.ends_with(told)).unwrap();
    it
}

/// The last commit of each repository, which names all before it.
fn heads(organization: &Organization) -> BTreeMap<String, String> {
    let head = |it: &Path| fs::read_to_string(it.join("refs/heads/main")).unwrap();
    organization.repositories().map(|it| (it.name, head(&it.git_dir))).collect()
}

fn advisories(organization: &Organization) -> BTreeMap<String, String> {
    let files = fs::read_dir(organization.advisories_folder()).unwrap().map(Result::unwrap);
    let read = |it: fs::DirEntry| {
        (it.file_name().into_string().unwrap(), fs::read_to_string(it.path()).unwrap())
    };
    files.map(read).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let [a, b, other] = [(0, 5), (1, 5), (2, 6)]
        .map(|(place, seed)| lived(folders[place].path(), seed, &settings(4), "2"));
    assert_eq!(heads(&a), heads(&b));
    assert_eq!(advisories(&a), advisories(&b));
    assert_eq!(a.alerts_json(), b.alerts_json());
    assert_ne!(heads(&a), heads(&other));
}

#[test]
fn another_team_and_another_way_through_time_change_nothing() {
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let few = lived(folders[0].path(), 5, &settings(3), "2");
    let mut more = Organization::new(folders[1].path(), 5, &settings(6)).unwrap();
    for day in 0..21 {
        more.work().unwrap();
        more.live(day + 1, &mut |it| it.team.ends_with('2')).unwrap();
    }
    more.push().unwrap();
    assert_eq!(advisories(&few), advisories(&more));
    let of_more = heads(&more);
    assert!(heads(&few).iter().all(|(name, head)| of_more[name] == *head));
}

#[test]
fn an_alert_without_effect_changes_nothing() {
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let settings = Settings { prevention: 0.0, ..settings(4) };
    let told = lived(folders[0].path(), 5, &settings, "");
    let not_told = lived(folders[1].path(), 5, &settings, "nobody");
    assert_eq!(heads(&told), heads(&not_told));
}
