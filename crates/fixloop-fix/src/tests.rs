mod corpus;

use std::fmt::Write;
use std::sync::Arc;

use fixloop_index::{Builder, Index, prepare};
use fixloop_manifest::{Beside, Format};
use fixloop_match::Known;
use proptest::prelude::*;

use super::*;

/// Package `a` of every ecosystem is affected before 1.4.3, and `b` is so from 1.5.0 on; 2.0.0 of `c` is.
fn index() -> Index {
    let mut builder = Builder::default();
    let names = [
        ("npm", "a"),
        ("crates.io", "a"),
        ("PyPI", "a"),
        ("RubyGems", "a"),
        ("Packagist", "v/a"),
        ("NuGet", "A"),
        ("Maven", "g:a"),
        ("Go", "x.example/a"),
    ];
    for (ecosystem, name) in names {
        for (id, name, events) in [
            ("A", name.to_owned(), r#"{"introduced":"0"},{"fixed":"1.4.3"}"#),
            ("B", name.replace(['a', 'A'], "b"), r#"{"introduced":"1.5.0"}"#),
        ] {
            let kind = if matches!(ecosystem, "npm" | "crates.io" | "Go") {
                "SEMVER"
            } else {
                "ECOSYSTEM"
            };
            let record = format!(
                r#"{{"id":"{id}-{ecosystem}","modified":"2024-01-01T00:00:00Z","affected":[{{"package":{{"ecosystem":"{ecosystem}","name":"{name}"}},"ranges":[{{"type":"{kind}","events":[{events}]}}]}}]}}"#
            );
            builder.add(prepare(fixloop_advisory::parse(record.as_bytes()).unwrap().advisory));
        }
    }
    Index::from_bytes(builder.build().unwrap().into_bytes()).unwrap()
}

/// What `make` says of the first file among `files`: the lines that changed, then the proof.
fn with(
    files: &[(&str, &str)],
    make: impl Fn(&Known<'_>, &Manifest<'_>) -> Result<Upgrade, CannotFix>,
) -> String {
    let index = index();
    let known = Known::new(&index);
    let (path, text) = files[0];
    let read =
        |path: &str| files.iter().find(|(it, _)| *it == path).map(|(_, text)| Arc::from(*text));
    let beside = Beside::new(path, &read);
    let format = Format::of_path(path).unwrap();
    let parsed = format.parse_among(text, beside);
    let upgrade = match make(&known, &Manifest { format, text, beside, parsed: &parsed }) {
        Ok(upgrade) => upgrade,
        Err(error) => return format!("cannot: {error}"),
    };
    let mut out = String::new();
    for edit in &upgrade.edits {
        let before = read(&edit.path).unwrap_or_else(|| Arc::from(""));
        let after = apply(&before, std::slice::from_ref(edit));
        let common = before.lines().zip(after.lines()).take_while(|(a, b)| a == b).count();
        let more = (before.lines().count(), after.lines().count());
        let same_end = before
            .lines()
            .rev()
            .zip(after.lines().rev())
            .take(more.0.min(more.1) - common)
            .take_while(|(a, b)| a == b)
            .count();
        let place = if edit.path == path { String::new() } else { format!("{}: ", edit.path) };
        for line in after.lines().take(more.1 - same_end).skip(common) {
            writeln!(out, "{place}{}", line.trim()).unwrap();
        }
    }
    out.push_str(&upgrade.proof.to_string());
    if upgrade.is_within_requirement {
        out.push_str("; within the requirement");
    }
    if let Some(relock) = &upgrade.relock {
        write!(out, "; {relock}").unwrap();
    }
    out
}

/// The first component of the first file, to 1.4.3.
#[track_caller]
fn check(files: &[(&str, &str)], expected: &str) {
    let shown = with(files, |known, manifest| upgrade(known, manifest, 0, "1.4.3"));
    assert_eq!(shown, expected, "{files:?}");
}

const ADMITS_NONE: &str = "admits no version with a known advisory";
const PINNED: &str = "pinned to a version without known advisories";

#[track_caller]
fn check_line(path: &str, before: &str, after: &str, proof: &str) {
    check(&[(path, before)], &format!("{}\n{proof}", after.trim()));
}

#[test]
fn javascript_and_rust_keep_their_style() {
    let within = format!("{ADMITS_NONE}; within the requirement");
    check_line(
        "package.json",
        "{\"dependencies\": {\"a\": \"^1.0.0\"}}",
        "{\"dependencies\": {\"a\": \"^1.4.3\"}}",
        &within,
    );
    check_line(
        "package.json",
        "{\"dependencies\": {\"x\": \"npm:a@~0.9\"}}",
        "{\"dependencies\": {\"x\": \"npm:a@~1.4.3\"}}",
        ADMITS_NONE,
    );
    check_line(
        "package.json",
        "{\"devDependencies\": {\"a\": \"1.0.0\"}}",
        "{\"devDependencies\": {\"a\": \"1.4.3\"}}",
        PINNED,
    );
    check_line(
        "Cargo.toml",
        "[package]\n[dependencies]\na = \"1.0\" # why",
        "a = \"1.4.3\" # why",
        &within,
    );
    check_line(
        "Cargo.toml",
        "[package]\n[dependencies]\na = { version = '=1.0.0', features = [] }",
        "a = { version = '=1.4.3', features = [] }",
        PINNED,
    );
    check_line(
        "requirements.txt",
        "a==1.0 ; python_version > '3'",
        "a==1.4.3 ; python_version > '3'",
        PINNED,
    );
    check_line("requirements.txt", "a[x]>=1,<2  # why", "a[x]>=1.4.3,<2  # why", &within);
    check_line("requirements.txt", "a # why", "a>=1.4.3 # why", &within);
}

#[test]
fn python_keeps_its_style() {
    let within = format!("{ADMITS_NONE}; within the requirement");
    check_line(
        "pyproject.toml",
        "[project]\ndependencies = [\n  \"a~=1.0\",\n]",
        "\"a~=1.0,>=1.4.3\",",
        &within,
    );
    check_line(
        "pyproject.toml",
        "[project]\ndependencies = ['a[x]']",
        "dependencies = ['a[x]>=1.4.3']",
        &within,
    );
    check_line(
        "pyproject.toml",
        "[tool.poetry.dependencies]\na = \"^0.9\"",
        "a = \"^1.4.3\"",
        ADMITS_NONE,
    );
    check_line(
        "pyproject.toml",
        "[tool.poetry.dependencies]\na = {version = \"1.0\"}",
        "a = {version = \"1.4.3\"}",
        PINNED,
    );
    check_line("Pipfile", "[packages]\na = \"*\"", "a = \">=1.4.3\"", &within);
}

#[test]
fn other_formats_keep_their_style() {
    let within = format!("{ADMITS_NONE}; within the requirement");
    check_line(
        "go.mod",
        "module m\nrequire x.example/a v1.0.0",
        "require x.example/a v1.4.3",
        "pinned to a version without known advisories; go mod tidy",
    );
    check_line(
        "Gemfile",
        "gem 'a', '~> 1.0', group: :x",
        "gem 'a', '~> 1.0', '>= 1.4.3', group: :x",
        &within,
    );
    check_line(
        "Gemfile",
        "gem \"a\", \"~> 1.0\", \">= 1.2\"",
        "gem \"a\", \"~> 1.0\", \">= 1.4.3\"",
        &within,
    );
    check_line(
        "composer.json",
        "{\"require\": {\"v/a\": \"^1.0 || ^2\"}}",
        "{\"require\": {\"v/a\": \"^1.4.3 || ^2\"}}",
        &within,
    );
    check_line(
        "libs.versions.toml",
        "[versions]\na = \"1.0\"\n[libraries]\nx = { module = \"g:a\", version.ref = \"a\" }",
        "a = \"1.4.3\"",
        PINNED,
    );
    check_line("libs.versions.toml", "[libraries]\nx = \"g:a:1.0\"", "x = \"g:a:1.4.3\"", PINNED);
    check_line(
        "x.csproj",
        "<Project><PackageReference Include=\"A\" Version=\"1.0\" /></Project>",
        "<Project><PackageReference Include=\"A\" Version=\"1.4.3\" /></Project>",
        PINNED,
    );
    check_line(
        "x.csproj",
        "<Project><PackageReference Include=\"A\" Version=\"[1.0,2.0)\" /></Project>",
        "<Project><PackageReference Include=\"A\" Version=\"[1.4.3,2.0)\" /></Project>",
        &within,
    );
    check_line(
        "pom.xml",
        "<project>\n<dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>1.0</version></dependency></dependencies>\n</project>",
        "<dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>1.4.3</version></dependency></dependencies>",
        PINNED,
    );
}

#[test]
fn edits_go_where_the_version_stands() {
    check(
        &[
            ("x/Cargo.toml", "[package]\n[dependencies]\na = { workspace = true }"),
            ("Cargo.toml", "[workspace]\n[workspace.dependencies]\na = \"1\""),
            ("Cargo.lock", ""),
        ],
        &format!(
            "Cargo.toml: a = \"1.4.3\"\n{ADMITS_NONE}; within the requirement; cargo update --workspace"
        ),
    );
    check(
        &[
            ("x/package.json", "{\"dependencies\": {\"a\": \"catalog:\"}}"),
            ("pnpm-workspace.yaml", "catalog:\r\n  a: ~1.2 # why\r\n"),
            ("pnpm-lock.yaml", ""),
        ],
        &format!(
            "pnpm-workspace.yaml: a: ~1.4.3 # why\n{ADMITS_NONE}; pnpm install --no-frozen-lockfile"
        ),
    );
    check(
        &[
            ("x/x.csproj", "<Project><PackageReference Include=\"A\" /></Project>"),
            (
                "Directory.Packages.props",
                "<Project><PackageVersion Include=\"A\" Version=\"1.0\" /></Project>",
            ),
        ],
        &format!(
            "Directory.Packages.props: <Project><PackageVersion Include=\"A\" Version=\"1.4.3\" /></Project>\n{PINNED}"
        ),
    );
    let dependency = |artifact: &str, version: &str| {
        format!(
            "<dependency><groupId>g</groupId><artifactId>{artifact}</artifactId><version>{version}</version></dependency>"
        )
    };
    let pom = format!(
        "<project><properties><v>1.0</v></properties>\n<dependencies>{}{}</dependencies></project>",
        dependency("a", "${v}"),
        dependency("c", "${v}")
    );
    check(
        &[("pom.xml", &pom)],
        &format!("<project><properties><v>1.4.3</v></properties>\n{PINNED}"),
    );
    let composed = format!(
        "<project><properties><v>1</v></properties><dependencies>{}</dependencies></project>",
        dependency("a", "${v}.0")
    );
    check(&[("pom.xml", &composed)], "cannot: the version of `g:a` is put together as `${v}.0`");
}

#[test]
fn what_cannot_be_done_is_named() {
    check(
        &[("package.json", "{\"dependencies\": {\"a\": \"latest\"}}")],
        "cannot: `latest` cannot be raised to 1.4.3",
    );
    check(
        &[("package.json", "{\"dependencies\": {\"a\": \"file:../a\"}}")],
        "cannot: `a` does not come from a registry",
    );
    check(&[("package.json", "{}")], "cannot: the manifest has no such dependency");
    check(
        &[("pubspec.lock", "packages:\n  a:\n    version: \"1.0.0\"\n    source: hosted\n")],
        "cannot: fixloop edits no pubspec.lock",
    );
    check(
        &[("libs.versions.toml", "[libraries]\nx = { module = \"g:a\", version = \"1.+\" }")],
        "cannot: `1.+` cannot be raised to 1.4.3",
    );
    let older =
        with(&[("package.json", "{\"dependencies\": {\"a\": \"^1.0.0\"}}")], |known, manifest| {
            upgrade(known, manifest, 0, "1.4.2")
        });
    assert_eq!(older, "cannot: A-npm affects a 1.4.2, or cannot be decided for it");
    let other = with(&[("go.mod", "module m\nrequire x.example/a v1.0.0")], |known, manifest| {
        upgrade(known, manifest, 0, "2.0.0")
    });
    assert_eq!(
        other,
        "cannot: `2.0.0` is another major version, and so another module path than `x.example/a`"
    );
}

#[test]
fn a_later_version_that_is_affected_weakens_the_proof() {
    check(
        &[("package.json", "{\"dependencies\": {\"b\": \"^1.0.0\"}}")],
        "{\"dependencies\": {\"b\": \"^1.4.3\"}}\nthe lowest version admitted is clear; 1.5.0, which is affected, is admitted, too; within the requirement",
    );
    check(
        &[("package.json", "{\"dependencies\": {\"b\": \"~1.4.0\"}}")],
        &format!(
            "{{\"dependencies\": {{\"b\": \"~1.4.3\"}}}}\n{ADMITS_NONE}; within the requirement"
        ),
    );
}

#[track_caller]
fn check_transitive(files: &[(&str, &str)], name: &str, is_alone: bool, expected: &str) {
    let shown = with(files, |known, manifest| {
        raise_transitive(
            known,
            manifest,
            &Transitive { name, from: "1.0.0", to: "1.4.3", is_alone },
        )
    });
    assert_eq!(shown, expected, "{files:?}");
}

#[test]
fn overrides_of_javascript() {
    let manifest = "{\n  \"dependencies\": {\n    \"x\": \"1.0.0\"\n  }\n}\n";
    let proven = |command: &str| format!("{ADMITS_NONE}; within the requirement; {command}");
    let json = |table: &str, key: &str| format!("}},\n\"{table}\": {{\n\"{key}\": \"^1.4.3\"\n");
    check_transitive(
        &[("package.json", manifest), ("package-lock.json", "")],
        "a",
        true,
        &format!("{}{}", json("overrides", "a"), proven("npm install")),
    );
    check_transitive(
        &[("package.json", manifest), ("package-lock.json", "")],
        "a",
        false,
        &format!("{}{}", json("overrides", "a@^1.0.0"), proven("npm install")),
    );
    check_transitive(
        &[("package.json", manifest), ("yarn.lock", "")],
        "a",
        true,
        &format!("{}{}", json("resolutions", "a"), proven("yarn install")),
    );
    check_transitive(
        &[("package.json", manifest), ("yarn.lock", "")],
        "a",
        false,
        "cannot: several versions of `a` are in use, and an entry here would hold for all of them",
    );
    check_transitive(
        &[("package.json", manifest), ("pnpm-lock.yaml", "")],
        "a",
        true,
        &format!(
            "pnpm-workspace.yaml: overrides:\npnpm-workspace.yaml: a: ^1.4.3\n{}",
            proven("pnpm install --no-frozen-lockfile")
        ),
    );
    check_transitive(
        &[("package.json", manifest)],
        "a",
        true,
        "cannot: other packages bring `a` in, and this manifest has no way to say which version",
    );
}

#[test]
fn what_others_bring_in_is_raised() {
    let proven = |command: &str| format!("{ADMITS_NONE}; within the requirement; {command}");
    let manifest = "{}";
    check_transitive(
        &[("go.mod", "module m\n\nrequire (\n\tx.example/a v1.0.0 // indirect\n)\n")],
        "x.example/a",
        true,
        &format!("x.example/a v1.4.3 // indirect\n{PINNED}; go mod tidy"),
    );
    check_transitive(
        &[("go.mod", "module m\n")],
        "x.example/a",
        true,
        &format!(
            "\nrequire x.example/a v1.4.3 // indirect\n{PINNED}; within the requirement; go mod tidy"
        ),
    );
    check_transitive(
        &[("pyproject.toml", "[project]\nname = 'x'\n"), ("uv.lock", "")],
        "a",
        true,
        &format!("\n[tool.uv]\nconstraint-dependencies = [\"a>=1.4.3\"]\n{}", proven("uv lock")),
    );
    check_transitive(
        &[("requirements.txt", "a==1.0 # via x\n")],
        "a",
        true,
        &format!("a==1.4.3 # via x\n{PINNED}"),
    );
    let command = |it: &str| {
        format!(
            "the version is clear; the command fails if what brings it in does not admit it; within the requirement; {it}"
        )
    };
    check_transitive(
        &[("Cargo.toml", "[package]\n"), ("Cargo.lock", "")],
        "a",
        true,
        &command("cargo update -p a@1.0.0 --precise 1.4.3"),
    );
    check_transitive(
        &[("pyproject.toml", "[tool.poetry]\n"), ("poetry.lock", "")],
        "a",
        true,
        &command("poetry update a"),
    );
    check_transitive(
        &[("Gemfile", ""), ("Gemfile.lock", "")],
        "a",
        true,
        &command("bundle update a --conservative"),
    );
    check_transitive(
        &[("composer.json", "{}"), ("composer.lock", "")],
        "v/a",
        true,
        &command("composer update v/a --with v/a:1.4.3"),
    );
    check_transitive(
        &[("package.json", manifest), ("package-lock.json", "")],
        "a\"",
        true,
        "cannot: `a\"` cannot be written into the file",
    );
    check_transitive(
        &[("Cargo.toml", "[package]\n"), ("Cargo.lock", "")],
        "--config",
        true,
        "cannot: `--config` cannot be written into the file",
    );
}

#[test]
fn edits_are_applied_by_place() {
    let edit = |start, end, text: &str| TextEdit {
        path: "x".to_owned(),
        span: fixloop_model::Span::new(start, end),
        text: text.to_owned(),
    };
    assert_eq!(apply("abc", &[edit(2, 3, "C"), edit(0, 1, "A"), edit(0, 1, "A")]), "AbC");
    assert_eq!(apply("abc", &[edit(0, 2, "x"), edit(1, 3, "y")]), "xc");
    assert_eq!(apply("abc", &[edit(2, 9, "y")]), "abc");
    assert_eq!(apply("é", &[edit(1, 2, "y")]), "é");
}

proptest! {
    /// Whatever stands around it, only the version's bytes change, and the reader sees the target.
    #[test]
    fn nothing_else_changes(before in "(\u{feff})?(# é\r?\n)?", operator in "==|>=|~=|>", blank in "[ ]?", after in "([ ]?; python_version > '3')?( # x)?(\r?\nb==1\\.0)?(\r?\n)?") {
        let text = format!("{before}a{operator}{blank}1.0{after}");
        let index = index();
        let known = Known::new(&index);
        let parsed = Format::RequirementsTxt.parse(&text);
        let manifest = Manifest { format: Format::RequirementsTxt, text: &text, beside: Beside::nothing(), parsed: &parsed };
        let upgrade = upgrade(&known, &manifest, 0, "1.4.3");
        let upgrade = upgrade.unwrap_or_else(|error| panic!("{text:?}: {error}"));
        let edited = apply(&text, &upgrade.edits);
        prop_assert!(edited.starts_with(&format!("{before}a")) && edited.ends_with(&after), "{:?}", edited);
        let read = Format::RequirementsTxt.parse(&edited);
        let asked = read.components[0].version.as_ref().or(read.components[0].requirement.as_ref()).unwrap();
        prop_assert!(asked.contains("1.4.3"));
    }
}
