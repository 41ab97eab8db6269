use std::fmt::Write;

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
    let context = Context { known: &known, mirrors: &[], exceptions: &exceptions, today };
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
