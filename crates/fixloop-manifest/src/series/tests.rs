//! A [`Series`] says what reading each version as a whole says, whatever was read before it.

use std::fs;
use std::path::{Path, PathBuf};

use fixloop_model::{Component, Reach, Scope, Span};
use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::Series;
use crate::{Beside, Format};

/// What a history asks of a component.
type Told = (Component, Option<bool>, Option<Scope>);

/// Everything but where it stands, the project's own left out.
fn told(component: &Component, is_direct: Option<bool>, scope: Option<Scope>) -> Told {
    let component = Component {
        name_span: Span::default(),
        version_span: None,
        reach: Reach::Unknown,
        scope: None,
        ..component.clone()
    };
    (component, is_direct, scope)
}

fn as_a_whole(format: Format, text: &str) -> Vec<Told> {
    let parsed = format.parse(text);
    let others = parsed.components.iter().filter(|it| it.reach != Reach::Root);
    others.map(|it| told(it, it.reach.is_direct(), it.scope)).collect()
}

/// Whether the series answered; if it did, it said the same.
#[track_caller]
fn check(series: &mut Series, format: Format, text: &str) -> bool {
    let Some(read) = series.read(format, text, Beside::nothing()) else { return false };
    let found: Vec<Told> = read
        .iter()
        .map(|it| told(series.component(it.component), it.is_direct, it.scope))
        .collect();
    assert_eq!(found, as_a_whole(format, text), "{text}");
    true
}

/// By format, its fixtures.
fn fixtures() -> Vec<(Format, String)> {
    let folders = [
        (Format::CargoLock, "cargo_lock"),
        (Format::PackageLock, "package_lock"),
        (Format::PnpmLock, "pnpm_lock"),
        (Format::YarnLock, "yarn_lock"),
    ];
    let mut found = Vec::new();
    for (format, folder) in folders {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
        let mut paths: Vec<PathBuf> =
            fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
        paths.sort();
        let files = paths.iter().filter(|it| it.extension().is_some_and(|it| it != "snap"));
        found.extend(files.map(|it| (format, fs::read_to_string(it).unwrap())));
    }
    found
}

#[test]
fn what_package_managers_write_is_read_by_its_entries() {
    let mut series = Series::default();
    let fixtures = fixtures();
    assert!(fixtures.len() >= 6, "{}", fixtures.len());
    // The second time from memory.
    for (format, text) in fixtures.iter().chain(&fixtures) {
        let is_answered = check(&mut series, *format, text);
        assert!(is_answered || text.contains("<<<<<<<"), "{text}");
    }
}

#[test]
fn whole_lockfiles_of_the_corpus() {
    for (format, folder) in [
        (Format::CargoLock, "Cargo.lock"),
        (Format::PackageLock, "package-lock.json"),
        (Format::PnpmLock, "pnpm-lock.yaml"),
        (Format::YarnLock, "yarn.lock"),
    ] {
        let mut series = Series::default();
        let mut refused = Vec::new();
        corpus::for_each(folder, |path, text| {
            // Without packages there is nothing to remember.
            if !check(&mut series, format, text) && text.len() > 100 {
                refused.push(path.to_owned());
            }
        });
        assert!(refused.is_empty(), "{refused:?}");
    }
}

/// What a section, a document or a bracket that does not end where its line ends could do to others.
#[test]
fn odd_shapes_are_left_to_the_reader_of_whole_files() {
    let mut series = Series::default();
    let mut check = |format, text: &str| assert!(!check(&mut series, format, text), "{text}");
    let entry = "  a@1.0.0:\n    resolution: {}\n";
    check(Format::PnpmLock, &format!("lockfileVersion: '9.0'\npackages:\n{entry}# x\n{entry}"));
    check(Format::PnpmLock, &format!("lockfileVersion: '9.0'\n---\npackages:\n{entry}"));
    check(
        Format::PnpmLock,
        &format!("lockfileVersion: '9.0'\nsettings: {{a:\npackages:\n{entry}}}\n"),
    );
    check(
        Format::PnpmLock,
        &format!("lockfileVersion: '9.0'\npackages:\n{entry}packages:\n{entry}"),
    );
    check(Format::PnpmLock, &format!("lockfileVersion: '9.0'\npackages: # x\n{entry}"));
    check(Format::PnpmLock, &format!("packages:\n{entry}"));
    check(Format::PnpmLock, "lockfileVersion: '9.0'\npackages:\n  a@1.0.0: {\n  b@1.0.0: {}\n");
    check(Format::CargoLock, "[[package]]\nname = \"a\"\n");
    check(Format::CargoLock, "version = 99\n");
    check(Format::YarnLock, "a@1:\n  version \"1.0.0\"\n");
    check(Format::YarnLock, "# yarn lockfile v1\na@1:\n");
}

/// What a bracket, a comma or a comment that stands where npm writes none could do to the parts behind it.
#[test]
fn odd_package_locks_are_left_to_the_reader_of_whole_files() {
    let mut series = Series::default();
    let mut check = |text: &str, is_answered: bool| {
        assert_eq!(check(&mut series, Format::PackageLock, text), is_answered, "{text}");
    };
    let file = |version: u8, key: &str, entries: &str, rest: &str| {
        let entries = format!("  \"{key}\": {{\n{entries}  }}{rest}");
        format!("{{\n  \"lockfileVersion\": {version},\n{entries}\n}}\n")
    };
    let entry = "    \"node_modules/a\": {\n      \"version\": \"1.0.0\"\n    },\n";
    let last = "    \"node_modules/b\": {}\n";
    let packages = |entries: &str, rest: &str| file(3, "packages", entries, rest);
    check(&packages(&format!("{entry}{last}"), ""), true);
    check(
        &packages(&format!("{entry}{last}"), ",\n  \"dependencies\": {\n    \"a\": {}\n  }"),
        true,
    );
    check(
        &packages(&format!("{entry}{last}"), ",\n  \"dependencies\": {\n    \"a\": {\n  }"),
        false,
    );
    check(
        &packages(&format!("{entry}{last}"), ",\n  \"dependencies\": {\n    \"a\": {}}\n  }"),
        false,
    );
    check(&packages(&format!("{last}{entry}"), ""), false);
    check(&packages(&format!("{entry}    /* {last}"), ""), false);
    check(&packages(&format!("{entry}    \"b\": {{ /*\n    }},\n"), ""), false);
    check(&packages(&format!("{entry}    \"b\": {{}}}}, \"c\": {{\n{last}"), ""), false);
    check(&packages(&format!("{entry}{last}"), "\n}\n{"), false);
    check(&packages(&format!("{entry}{last}"), ",\n  \"x\": [\n  ]"), false);
    check(&file(4, "packages", entry, ""), false);
    check(&file(1, "packages", entry, ""), false);
    check(&file(1, "dependencies", "    \"a\": {\n    },\n    \"a\": {}\n", ""), false);
    check(&file(1, "dependencies", "    \"a\": {},\n    \"b\": {}\n", ""), true);
    check(&packages(&entry.repeat(2), "").replace("  ", "\t"), true);
    check(&packages(entry, "").replace('\n', "\r\n"), false);
}

/// One change of a text: of lines or of a byte.
#[derive(Clone, Debug)]
enum Change {
    Cut(usize),
    Repeat(usize),
    Swap(usize, usize),
    Insert(usize, String),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        any::<usize>().prop_map(Change::Cut),
        any::<usize>().prop_map(Change::Repeat),
        (any::<usize>(), any::<usize>()).prop_map(|(a, b)| Change::Swap(a, b)),
        (any::<usize>(), "[\\[\\]{}'\":#? \\-a-c@/\n&*|,.\\\\]{1,4}")
            .prop_map(|(at, it)| Change::Insert(at, it)),
    ];
    proptest::collection::vec(change, 0..4)
}

fn changed(text: &str, changes: &[Change]) -> String {
    let mut text = text.to_owned();
    for change in changes {
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        let n = lines.len().max(1);
        match change {
            _ if lines.is_empty() => {}
            Change::Cut(at) => drop(lines.remove(at % n)),
            Change::Repeat(at) => lines.insert(at % n, lines[at % n]),
            Change::Swap(a, b) => lines.swap(a % n, b % n),
            Change::Insert(at, it) => {
                let at = (0..=at % (text.len() + 1)).rev().find(|it| text.is_char_boundary(*it));
                let (before, after) = text.split_at(at.unwrap_or(0));
                text = format!("{before}{it}{after}");
                continue;
            }
        }
        text = lines.concat();
    }
    text
}

proptest! {
    #[test]
    fn whatever_a_version_looks_like(
        of in any::<prop::sample::Index>(),
        versions in proptest::collection::vec(changes(), 1..6),
    ) {
        let fixtures = fixtures();
        let (format, text) = &fixtures[of.index(fixtures.len())];
        let mut series = Series::default();
        check(&mut series, *format, text);
        for changes in &versions {
            check(&mut series, *format, &changed(text, changes));
        }
    }
}
