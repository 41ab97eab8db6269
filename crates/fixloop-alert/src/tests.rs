use std::fmt::Write;
use std::sync::Arc;

use fixloop_exceptions::Exceptions;
use fixloop_manifest::Format;
use fixloop_match::Known;
use jiff::civil::date;

use super::*;

/// The alerts of `package.json` with and without a lockfile, a line each, by the starter index.
fn told(manifest: &str, lockfile: Option<&str>, exceptions: &str) -> String {
    let index = fixloop_feed::starter_index().unwrap();
    let known = Known::new(&index);
    let exceptions: Exceptions = fixloop_exceptions::parse("fixloop.toml", exceptions);
    assert!(exceptions.faults.is_empty(), "{:?}", exceptions.faults);
    let today = date(2026, 11, 28);
    let context =
        Context { known: &known, own: None, mirrors: &[], exceptions: &exceptions, today };
    let locked = lockfile.map(|text| {
        let locked = Locked::new("package-lock.json", Format::PackageLock.parse(text));
        let evaluated = locked.evaluate(&context).unwrap();
        (locked, evaluated)
    });
    let locked = locked.as_ref().map(|(locked, evaluated)| (locked, evaluated));
    let parsed = Format::PackageJson.parse(manifest);
    let mut out = String::new();
    for it in alerts(&context, "package.json", &parsed, locked).unwrap() {
        let brought: Vec<&str> = it.brought.iter().map(|it| &*it.name).collect();
        let version = it.version.as_deref().unwrap_or("?");
        writeln!(
            out,
            "{:?} {} {version} {:?} {}",
            it.level(),
            it.name,
            it.basis,
            brought.join(" ")
        )
        .unwrap();
    }
    out
}

const MANIFEST: &str =
    r#"{"dependencies": {"lodash": "^4.17.0", "express": "*", "left": "file:../left"}}"#;

const LOCKFILE: &str = r#"{"lockfileVersion": 3, "packages": {
    "": {"dependencies": {"lodash": "^4.17.0", "express": "*"}},
    "node_modules/lodash": {"version": "4.17.15"},
    "node_modules/express": {"version": "4.18.0", "dependencies": {"qs": "*", "debug": "*", "lodash": "3"}},
    "node_modules/express/node_modules/lodash": {"version": "3.0.0"},
    "node_modules/qs": {"version": "6.7.0"},
    "node_modules/debug": {"version": "4.4.2"}
}}"#;

#[test]
fn a_lockfile_decides_what_is_told() {
    insta::assert_snapshot!(told(MANIFEST, None, ""), @"Hint lodash 4.17.0 Requirement(Lowest)");
    insta::assert_snapshot!(told(MANIFEST, Some(LOCKFILE), ""), @r#"
    Error lodash 4.17.15 Locked("package-lock.json") 
    Error express 4.18.0 Locked("package-lock.json") debug lodash qs
    "#);
    // What is asked for now, the lockfile does not have.
    let newer = MANIFEST.replace("^4.17.0", "^4.17.20");
    insta::assert_snapshot!(told(&newer, Some(LOCKFILE), ""), @r#"
    Hint lodash 4.17.20 Requirement(Lowest) 
    Error express 4.18.0 Locked("package-lock.json") debug lodash qs
    "#);
    let exact = MANIFEST.replace("^4.17.0", "4.17.20");
    insta::assert_snapshot!(told(&exact, Some(LOCKFILE), ""), @r#"
    Error lodash 4.17.20 Written 
    Error express 4.18.0 Locked("package-lock.json") debug lodash qs
    "#);
}

#[test]
fn exceptions_hold_in_the_manifest_and_in_its_lockfile() {
    let accepted = |package: &str, path: &str| {
        format!(
            "[[exception]]\npackage = \"{package}\"\npath = \"{path}\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2027-01-01\n"
        )
    };
    let told = |exceptions: &str| told(MANIFEST, Some(LOCKFILE), exceptions);
    assert!(!told(&accepted("pkg:npm/lodash@4.17.15", "package-lock.json")).contains("4.17.15"));
    assert!(!told(&accepted("pkg:npm/lodash", "package.json")).contains("4.17.15"));
    assert!(told(&accepted("pkg:npm/lodash", "other/")).contains("4.17.15"));
    assert!(!told(&accepted("pkg:npm/qs", "package-lock.json")).contains("qs"));
    // That a package turns malicious is not what anybody accepted in advance.
    assert!(told(&accepted("pkg:npm/debug", "package-lock.json")).contains("debug"));
    let expired = accepted("pkg:npm/lodash", "package.json").replace("2027", "2026");
    assert!(told(&expired).contains("4.17.15"));
}

/// What a memory that saw the texts before tells of the last is what one tells that saw nothing.
#[track_caller]
fn check_remembered(texts: &[&str], n_kept: usize) {
    let index = fixloop_feed::starter_index().unwrap();
    let known = Known::new(&index);
    let exceptions = Exceptions::default();
    let today = date(2026, 11, 28);
    let context =
        Context { known: &known, own: None, mirrors: &[], exceptions: &exceptions, today };
    let mut memory = Memory::default();
    let mut before: Vec<Alert> = Vec::new();
    let mut kept = 0;
    for text in texts {
        let parsed = Format::PackageJson.parse(text);
        let warm = memory.alerts(&context, "package.json", &parsed, None).unwrap();
        assert_eq!(warm, alerts(&context, "package.json", &parsed, None).unwrap(), "{text}");
        let is_kept = |it: &&Alert| before.iter().any(|old| Arc::ptr_eq(&old.told, &it.told));
        kept = warm.iter().filter(is_kept).count();
        before = warm;
    }
    assert_eq!(kept, n_kept);
    let other_day = Context { today: date(2026, 11, 29), ..context };
    let parsed = Format::PackageJson.parse(texts[texts.len() - 1]);
    let warm = memory.alerts(&other_day, "package.json", &parsed, None).unwrap();
    assert!(warm.iter().zip(&before).all(|(new, old)| !Arc::ptr_eq(&new.told, &old.told)));
}

#[test]
fn what_did_not_change_is_remembered() {
    let text = |dependencies: &str| format!("{{\"dependencies\": {{{dependencies}}}}}");
    let two = text(r#""lodash": "4.17.15", "axios": "0.21.0""#);
    check_remembered(&[&two, &two], 2);
    // Another version, something new in front, in between and behind, and something gone.
    check_remembered(&[&two, &text(r#""lodash": "4.17.11", "axios": "0.21.0""#)], 1);
    check_remembered(&[&two, &text(r#""x": "1", "lodash": "4.17.15", "axios": "0.21.0""#)], 2);
    check_remembered(&[&two, &text(r#""lodash": "4.17.15", "x": "1", "axios": "0.21.0""#)], 2);
    check_remembered(&[&two, &text(r#""lodash": "4.17.15", "axios": "0.21.0", "x": "1""#)], 2);
    check_remembered(&[&two, &text(r#""axios": "0.21.0""#)], 1);
    check_remembered(&[&two, &text(r#""axios": "0.21.0", "lodash": "4.17.15""#)], 0);
    check_remembered(&[&two, "", &two], 0);
}
