//! Manifests beside lockfiles.

use super::*;

const CARGO_LOCK: &[u8] = b"version = 3\n[[package]]\nname = \"a\"\nversion = \"0.1.0\"\ndependencies = [\"smallvec\"]\n\n[[package]]\nname = \"smallvec\"\nversion = \"0.6.13\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n";

#[test]
fn the_lockfile_decides_and_the_manifest_gives_the_place() {
    let folder = folder(&[
        ("Cargo.lock", CARGO_LOCK),
        ("Cargo.toml", b"[workspace]\nmembers = ['a']\n[workspace.dependencies]\nsmallvec = '0.6'\n"),
        ("a/Cargo.toml", b"[package]\nname = 'a'\n[dependencies]\nsmallvec.workspace = true\nregex = '1'\ntime = '=0.1.42'\n"),
    ]);
    let (scan, _) = scan_json(folder.path(), &[]);
    let found: Vec<String> = scan["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let place = &it["declared_at"];
            format!(
                "{} {} at {}:{}, asked for at {}:{}",
                it["name"].as_str().unwrap(),
                it["version"].as_str().unwrap(),
                it["path"].as_str().unwrap(),
                it["line"],
                place["path"].as_str().unwrap_or("-"),
                place["line"]
            )
        })
        .collect();
    // `time` is not in the lockfile, and fixes its version itself; `regex` is not, and does not.
    insta::assert_debug_snapshot!(found, @r#"
    [
        "smallvec 0.6.13 at Cargo.lock:9, asked for at Cargo.toml:4",
        "time 0.1.42 at a/Cargo.toml:6, asked for at -:null",
    ]
    "#);
    assert_eq!(
        unknown(&scan),
        ["component a/Cargo.toml: requirement `1` does not fix one version"]
    );
}

#[test]
fn what_lies_outside_the_root_is_never_read() {
    let folder = folder(&[
        ("Cargo.toml", b"[workspace.dependencies]\ntime = '=0.1.42'\n[workspace]\n"),
        ("root/a/Cargo.toml", b"[package]\nname = 'a'\nworkspace = '../..'\n[dependencies]\ntime.workspace = true\n"),
        ("pom.xml", b"<project><artifactId>p</artifactId><properties><v>2.14.1</v></properties></project>"),
        ("root/pom.xml", b"<project><parent><artifactId>p</artifactId></parent><artifactId>m</artifactId><dependencies><dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>${v}</version></dependency></dependencies></project>"),
    ]);
    let (scan, output) = scan_json(&folder.path().join("root"), &[]);
    assert_exit(&output, 0);
    assert_eq!(unknown(&scan).len(), 2, "{scan}");
    // From above it is read.
    let (scan, _) = scan_json(folder.path(), &[]);
    assert_eq!(scan["findings"].as_array().unwrap().len(), 2);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_root_is_not_followed() {
    let folder = folder(&[
        ("elsewhere/Directory.Packages.props", b"<Project><ItemGroup><PackageVersion Include='Newtonsoft.Json' Version='9.0.1'/></ItemGroup></Project>"),
        ("root/a/a.csproj", b"<Project><ItemGroup><PackageReference Include='Newtonsoft.Json'/></ItemGroup></Project>"),
    ]);
    let link = folder.path().join("root/Directory.Packages.props");
    std::os::unix::fs::symlink(folder.path().join("elsewhere/Directory.Packages.props"), link)
        .unwrap();
    let (scan, _) = scan_json(&folder.path().join("root"), &[]);
    assert_eq!(scan["findings"], serde_json::json!([]));
    assert!(
        unknown(&scan).contains(&"component a/a.csproj: no version given".to_owned()),
        "{scan}"
    );
}

#[test]
fn a_lockfile_that_does_not_say_it_learns_what_is_direct() {
    let folder = folder(&[
        ("composer.lock", br#"{"packages": [{"name": "symfony/http-kernel", "version": "v4.4.0", "notification-url": "https://anything.packagist.org/downloads/"}]}"#),
        ("composer.json", br#"{"require": {"symfony/http-kernel": "^4.4"}}"#),
    ]);
    let (scan, _) = scan_json(folder.path(), &[]);
    let finding = &scan["findings"][0];
    assert_eq!(
        (&finding["direct"], &finding["declared_at"]["path"]),
        (&serde_json::json!(true), &serde_json::json!("composer.json"))
    );
    assert_eq!(unknown(&scan), [""; 0]);
}
