//! `fixloop fix`, format by format.

use super::repository::Repository;
use super::*;

/// Package `a` of each ecosystem is affected before 1.4.3; `evil` of npm is malicious, whatever the version; `old` has no fix.
fn index(folder: &Path) -> String {
    let mut records = Vec::new();
    let mut add = |id: &str, ecosystem: &str, name: &str, events: &str| {
        let kind =
            if matches!(ecosystem, "npm" | "crates.io" | "Go") { "SEMVER" } else { "ECOSYSTEM" };
        records.push((
            format!("{id}.json"),
            format!(
                r#"{{"id":"{id}","modified":"2024-01-01T00:00:00Z","affected":[{{"package":{{"ecosystem":"{ecosystem}","name":"{name}"}},"ranges":[{{"type":"{kind}","events":[{events}]}}]}}]}}"#
            ),
        ));
    };
    let fixed = r#"{"introduced":"0"},{"fixed":"1.4.3"}"#;
    for (ecosystem, name) in [
        ("npm", "a"),
        ("crates.io", "a"),
        ("PyPI", "a"),
        ("RubyGems", "a"),
        ("Packagist", "v/a"),
        ("NuGet", "A"),
        ("Maven", "g:a"),
        ("Go", "x.example/a"),
        ("Pub", "a"),
    ] {
        add(&format!("A-{ecosystem}"), ecosystem, name, fixed);
    }
    add(
        "B-1",
        "npm",
        "b",
        r#"{"introduced":"0"},{"fixed":"0.5.1"},{"introduced":"1.0.0"},{"fixed":"1.2.6"}"#,
    );
    add("MAL-2024-1", "npm", "evil", r#"{"introduced":"0"}"#);
    add("C-1", "npm", "old", r#"{"introduced":"0"}"#);
    for (name, text) in &records {
        fs::write(folder.join(name), text).expect("the folder is usable");
    }
    let index = folder.join("index").to_str().expect("the folder is usable").to_owned();
    let imported = fixloop(&[
        "db",
        "import",
        folder.to_str().expect("the folder is usable"),
        "--index",
        &index,
    ]);
    assert_exit(&imported, 0);
    index
}

fn fix(root: &Path, more: &[&str]) -> Output {
    let records = tempfile::tempdir().expect("the folder is usable");
    let index = index(records.path());
    let root = root.to_str().expect("the folder is usable");
    fixloop(&[&["fix", root, "--index", &index][..], more].concat())
}

/// The dry run of a folder with these files, which ends with `code` and changes nothing.
#[track_caller]
fn dry(files: &[(&str, &str)], code: i32) -> String {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, it)| (*path, it.as_bytes())).collect();
    let folder = folder(&files);
    let output = fix(folder.path(), &["--dry-run"]);
    assert_exit(&output, code);
    for (path, content) in &files {
        assert_eq!(
            fs::read(folder.path().join(path)).expect("the folder is usable"),
            *content,
            "{path} was changed"
        );
    }
    // Afterwards there is nothing to do: where no lockfile decides, the scan is clean.
    if code == 1 && !stdout(&output).contains("clean after") {
        assert_exit(&fix(folder.path(), &[]), 0);
        assert_exit(&fix(folder.path(), &["--dry-run"]), 0);
    }
    stdout(&output)
}

#[test]
fn manifests_without_a_lockfile() {
    insta::assert_snapshot!(dry(&[("requirements.txt", "# pinned\r\na==1.0 # why\r\nz==1.0")], 1), @r"
    requirements.txt
      a 1.0 → 1.4.3
        pinned to a version without known advisories
    --- a/requirements.txt
    +++ b/requirements.txt
    @@ -1,3 +1,3 @@
     # pinned
    -a==1.0 # why
    +a==1.4.3 # why
     z==1.0
    \ No newline at end of file
    ");
    insta::assert_snapshot!(dry(&[("go.mod", "module m\n\nrequire x.example/a v1.0.0\n")], 1), @r"
    go.mod
      x.example/a v1.0.0 → v1.4.3
        pinned to a version without known advisories
    clean after: go mod tidy
    --- a/go.mod
    +++ b/go.mod
    @@ -1,3 +1,3 @@
     module m
     
    -require x.example/a v1.0.0
    +require x.example/a v1.4.3
    ");
    insta::assert_snapshot!(dry(&[("Pipfile", "[packages]\na = '==1.0'\n")], 1), @r"
    Pipfile
      a 1.0 → 1.4.3
        pinned to a version without known advisories
    --- a/Pipfile
    +++ b/Pipfile
    @@ -1,2 +1,2 @@
     [packages]
    -a = '==1.0'
    +a = '==1.4.3'
    ");
    insta::assert_snapshot!(dry(&[("pyproject.toml", "[project]\ndependencies = [\n    \"a == 1.0\",\n]\n")], 1), @r#"
    pyproject.toml
      a 1.0 → 1.4.3
        pinned to a version without known advisories
    --- a/pyproject.toml
    +++ b/pyproject.toml
    @@ -1,4 +1,4 @@
     [project]
     dependencies = [
    -    "a == 1.0",
    +    "a == 1.4.3",
     ]
    "#);
    insta::assert_snapshot!(dry(&[("Gemfile", "gem 'a', '1.0'\n")], 1), @r"
    Gemfile
      a 1.0 → 1.4.3
        pinned to a version without known advisories
    --- a/Gemfile
    +++ b/Gemfile
    @@ -1 +1 @@
    -gem 'a', '1.0'
    +gem 'a', '1.4.3'
    ");
    insta::assert_snapshot!(dry(&[("composer.json", "{\"require\": {\"v/a\": \"v1.0.0\"}}\n")], 1), @r#"
    composer.json
      v/a 1.0.0 → 1.4.3
        pinned to a version without known advisories
    --- a/composer.json
    +++ b/composer.json
    @@ -1 +1 @@
    -{"require": {"v/a": "v1.0.0"}}
    +{"require": {"v/a": "v1.4.3"}}
    "#);
}

#[test]
fn edits_of_other_files() {
    let dependency = "<dependency><groupId>g</groupId><artifactId>a</artifactId></dependency>";
    let child = format!(
        "<project><parent><groupId>g</groupId><artifactId>p</artifactId><version>1</version></parent><artifactId>c</artifactId><dependencies>{dependency}</dependencies></project>"
    );
    let parent = "<project>\n\t<groupId>g</groupId><artifactId>p</artifactId><version>1</version>\n\t<properties>\n\t\t<a.version>1.0</a.version>\n\t</properties>\n\t<dependencyManagement><dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>${a.version}</version></dependency></dependencies></dependencyManagement>\n</project>\n";
    insta::assert_snapshot!(dry(&[("pom.xml", parent), ("one/pom.xml", &child), ("two/pom.xml", &child)], 1), @r"
    one/pom.xml
      g:a 1.0 → 1.4.3 in pom.xml
        pinned to a version without known advisories
    --- a/pom.xml
    +++ b/pom.xml
    @@ -1,7 +1,7 @@
     <project>
     	<groupId>g</groupId><artifactId>p</artifactId><version>1</version>
     	<properties>
    -		<a.version>1.0</a.version>
    +		<a.version>1.4.3</a.version>
     	</properties>
     	<dependencyManagement><dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>${a.version}</version></dependency></dependencies></dependencyManagement>
     </project>
    ");
    let project =
        "<Project>\n  <ItemGroup><PackageReference Include=\"A\" /></ItemGroup>\n</Project>\n";
    let central = "<Project>\n  <ItemGroup><PackageVersion Include=\"A\" Version=\"1.0.0\" /></ItemGroup>\n</Project>\n";
    insta::assert_snapshot!(dry(&[("x/x.csproj", project), ("Directory.Packages.props", central)], 1), @r#"
    x/x.csproj
      A 1.0.0 → 1.4.3 in Directory.Packages.props
        pinned to a version without known advisories
    --- a/Directory.Packages.props
    +++ b/Directory.Packages.props
    @@ -1,3 +1,3 @@
     <Project>
    -  <ItemGroup><PackageVersion Include="A" Version="1.0.0" /></ItemGroup>
    +  <ItemGroup><PackageVersion Include="A" Version="1.4.3" /></ItemGroup>
     </Project>
    "#);
    insta::assert_snapshot!(dry(&[("gradle/libs.versions.toml", "[versions]\na = \"1.0\"\n[libraries]\nx = { module = \"g:a\", version.ref = \"a\" }\n")], 1), @r#"
    gradle/libs.versions.toml
      g:a 1.0 → 1.4.3
        pinned to a version without known advisories
    --- a/gradle/libs.versions.toml
    +++ b/gradle/libs.versions.toml
    @@ -1,4 +1,4 @@
     [versions]
    -a = "1.0"
    +a = "1.4.3"
     [libraries]
     x = { module = "g:a", version.ref = "a" }
    "#);
}

const CARGO_LOCK: &str = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n";

#[test]
fn lockfiles_decide_and_manifests_are_edited() {
    let workspace = "[workspace]\nmembers = [\"x\"]\n\n[workspace.dependencies]\na = { version = \"1\" } # ours\n";
    let member = "[package]\nname = \"x\"\n\n[dependencies]\na.workspace = true\n";
    insta::assert_snapshot!(dry(&[("Cargo.toml", workspace), ("x/Cargo.toml", member), ("Cargo.lock", CARGO_LOCK)], 1), @r#"
    x/Cargo.toml
      a 1.0.0 → 1.4.3 in Cargo.toml
        admits no version with a known advisory
    clean after: cargo update --workspace
    --- a/Cargo.toml
    +++ b/Cargo.toml
    @@ -2,4 +2,4 @@
     members = ["x"]
     
     [workspace.dependencies]
    -a = { version = "1" } # ours
    +a = { version = "1.4.3" } # ours
    "#);
    let transitive = "[package]\nname = \"x\"\n";
    insta::assert_snapshot!(dry(&[("Cargo.toml", transitive), ("Cargo.lock", CARGO_LOCK)], 1), @r"
    Cargo.toml
      a 1.0.0 → 1.4.3
        the version is clear; the command fails if what brings it in does not admit it
    clean after: cargo update -p a@1.0.0 --precise 1.4.3
    ");
}

#[test]
fn what_others_bring_in_to_javascript_and_python() {
    let manifest =
        "{\n  \"dependencies\": {\n    \"a\": \"^1.0.0\",\n    \"c\": \"1.0.0\"\n  }\n}\n";
    let lock = r#"{"lockfileVersion": 3, "packages": {"": {"dependencies": {"a": "^1.0.0", "c": "1.0.0"}}, "node_modules/a": {"version": "1.0.0"}, "node_modules/c": {"version": "1.0.0", "dependencies": {"b": "0.5.0", "d": "1.0.0"}}, "node_modules/b": {"version": "0.5.0"}, "node_modules/d": {"version": "1.0.0", "dependencies": {"b": "1.2.0"}}, "node_modules/d/node_modules/b": {"version": "1.2.0"}}}"#;
    insta::assert_snapshot!(dry(&[("package.json", manifest), ("package-lock.json", lock)], 1), @r#"
    package.json
      a 1.0.0 → 1.4.3
        admits no version with a known advisory
      b 0.5.0 → 0.5.1
        admits no version with a known advisory
      b 1.2.0 → 1.2.6
        admits no version with a known advisory
    clean after: npm install
    --- a/package.json
    +++ b/package.json
    @@ -1,6 +1,10 @@
     {
       "dependencies": {
    -    "a": "^1.0.0",
    +    "a": "^1.4.3",
         "c": "1.0.0"
    +  },
    +  "overrides": {
    +    "b@^0.5.0": "^0.5.1",
    +    "b@^1.2.0": "^1.2.6"
       }
     }
    "#);
    let lock = "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a:\n        specifier: 'catalog:'\n        version: 1.0.0\npackages:\n  a@1.0.0: {}\n  b@0.5.0: {}\nsnapshots:\n  a@1.0.0:\n    dependencies:\n      b: 0.5.0\n  b@0.5.0: {}\n";
    let manifest = "{\"dependencies\": {\"a\": \"catalog:\"}}\n";
    insta::assert_snapshot!(dry(&[("package.json", manifest), ("pnpm-lock.yaml", lock), ("pnpm-workspace.yaml", "catalog:\n  a: ^1.0.0\n")], 1), @r"
    package.json
      a 1.0.0 → 1.4.3 in pnpm-workspace.yaml
        admits no version with a known advisory
      b 0.5.0 → 0.5.1 in pnpm-workspace.yaml
        admits no version with a known advisory
    clean after: pnpm install --no-frozen-lockfile
    --- a/pnpm-workspace.yaml
    +++ b/pnpm-workspace.yaml
    @@ -1,2 +1,4 @@
     catalog:
    -  a: ^1.0.0
    +  a: ^1.4.3
    +overrides:
    +  b: ^0.5.1
    ");
    let uv = "version = 1\n\n[[package]]\nname = \"x\"\nversion = \"0\"\nsource = { virtual = \".\" }\n\n[[package]]\nname = \"a\"\nversion = \"1.0\"\nsource = { registry = \"https://anything.pypi.org/simple\" }\n";
    insta::assert_snapshot!(dry(&[("pyproject.toml", "[project]\nname = \"x\"\n"), ("uv.lock", uv)], 1), @r#"
    pyproject.toml
      a 1.0 → 1.4.3
        admits no version with a known advisory
    clean after: uv lock
    --- a/pyproject.toml
    +++ b/pyproject.toml
    @@ -1,2 +1,5 @@
     [project]
     name = "x"
    +
    +[tool.uv]
    +constraint-dependencies = ["a>=1.4.3"]
    "#);
}

#[test]
fn an_override_that_fixes_the_version_is_raised() {
    let manifest =
        "{\"dependencies\": {\"c\": \"1.0.0\"}, \"overrides\": {\"c\": {\"a\": \"1.0.0\"}}}\n";
    let lock = r#"{"lockfileVersion": 3, "packages": {"": {"dependencies": {"c": "1.0.0"}}, "node_modules/a": {"version": "1.0.0"}, "node_modules/c": {"version": "1.0.0", "dependencies": {"a": "^1.0.0"}}}}"#;
    insta::assert_snapshot!(dry(&[("package.json", manifest), ("package-lock.json", lock)], 1), @r#"
    package.json
      a 1.0.0 → 1.4.3
        pinned to a version without known advisories
    clean after: npm install
    --- a/package.json
    +++ b/package.json
    @@ -1 +1 @@
    -{"dependencies": {"c": "1.0.0"}, "overrides": {"c": {"a": "1.0.0"}}}
    +{"dependencies": {"c": "1.0.0"}, "overrides": {"c": {"a": "1.4.3"}}}
    "#);
}

#[test]
fn what_cannot_be_fixed_is_named() {
    let manifest =
        "{\"dependencies\": {\"evil\": \"1.0.0\", \"old\": \"1.0.0\", \"a\": \"1.0.0\"}}\n";
    let pub_lock = "packages:\n  a:\n    dependency: \"direct main\"\n    source: hosted\n    version: \"1.0.0\"\n";
    insta::assert_snapshot!(dry(&[("package.json", manifest), ("pubspec.lock", pub_lock)], 2), @r#"
    package.json
      a 1.0.0 → 1.4.3
        pinned to a version without known advisories
    cannot fix package.json:1: evil 1.0.0: no version of it is clear
      hint: remove it
    cannot fix package.json:1: old 1.0.0: no version is known that clears it
      hint: replace it, or add an exception
    cannot fix pubspec.lock:5: a 1.0.0: fixloop edits no pubspec.lock
      hint: change it to 1.4.3 by hand
    --- a/package.json
    +++ b/package.json
    @@ -1 +1 @@
    -{"dependencies": {"evil": "1.0.0", "old": "1.0.0", "a": "1.0.0"}}
    +{"dependencies": {"evil": "1.0.0", "old": "1.0.0", "a": "1.4.3"}}
    "#);
    insta::assert_snapshot!(dry(&[("Cargo.lock", CARGO_LOCK)], 2), @r"
    cannot fix Cargo.lock:5: a 1.0.0: no manifest that decides this lockfile lies in the folder
      hint: name the folder that has both
    ");
    insta::assert_snapshot!(dry(&[("requirements.txt", "-c constraints.txt\na\n"), ("constraints.txt", "a==1.0\n")], 2), @r"
    cannot fix requirements.txt:2: a 1.0: its version stands in another file, such as one of constraints
      hint: change it to 1.4.3 there
    ");
}

#[test]
fn what_could_not_be_read_is_not_clean() {
    insta::assert_snapshot!(dry(&[("package.json", "[]"), ("requirements.txt", "a==1.5\n")], 2), @"not checked package.json: no JSON object");
}

#[test]
fn exceptions_hold_and_clean_folders_stay() {
    let accepted =
        "[[exception]]\npackage = 'pkg:pypi/a'\nreason = 'r'\nowner = 'o'\nexpires = 2999-12-31\n";
    let shown = dry(&[("requirements.txt", "a==1.0\n"), ("fixloop.toml", accepted)], 0);
    assert_eq!(shown, "nothing to fix\n");
    assert_eq!(dry(&[("requirements.txt", "a==1.5\n")], 0), "nothing to fix\n");
}

#[test]
fn files_that_are_not_committed_are_left_alone() {
    let repository = Repository::new("shop");
    let file = repository.path().join("requirements.txt");
    fs::write(&file, "a==1.0\n").unwrap();
    let refused = |expected: &str| {
        let output = fix(&repository.path(), &[]);
        assert_exit(&output, 2);
        assert!(stderr(&output).contains(expected), "{output:?}");
        assert!(stderr(&output).contains("hint: commit it first, or use --allow-dirty"));
    };
    refused("`requirements.txt` is not committed");
    repository.git(&["add", "."]);
    repository.git(&["commit", "-q", "-m", "one"]);
    fs::write(&file, "a==1.1\n").unwrap();
    refused("`requirements.txt` has changes that are not committed");
    assert_eq!(fs::read_to_string(&file).unwrap(), "a==1.1\n");
    assert_exit(&fix(&repository.path(), &["--allow-dirty"]), 0);
    assert_eq!(fs::read_to_string(&file).unwrap(), "a==1.4.3\n");
    // Line ends that a checkout turned around are no changes.
    repository.git(&["checkout", "-q", "--", "."]);
    fs::write(&file, "a==1.0\r\n").unwrap();
    assert_exit(&fix(&repository.path(), &[]), 0);
    assert_eq!(fs::read_to_string(&file).unwrap(), "a==1.4.3\r\n");
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_read_only_files_are_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder(&[("requirements.txt", b"a==1.0\n")]);
    let file = folder.path().join("requirements.txt");
    let set = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    set(0o444);
    let output = fix(folder.path(), &[]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("may not be written"), "{output:?}");
    set(0o640);
    assert_exit(&fix(folder.path(), &[]), 0);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1);
}

#[test]
fn a_single_file_and_no_file() {
    let folder =
        folder(&[("requirements.txt", b"a==1.0\n"), ("other/requirements.txt", b"a==1.0\n")]);
    assert_exit(&fix(&folder.path().join("requirements.txt"), &[]), 0);
    let read = |path: &str| fs::read_to_string(folder.path().join(path)).unwrap();
    assert_eq!(
        (read("requirements.txt"), read("other/requirements.txt")),
        ("a==1.4.3\n".to_owned(), "a==1.0\n".to_owned())
    );
    assert_exit(&fix(&folder.path().join("missing"), &[]), 2);
}

#[test]
fn a_command_that_cannot_run_is_a_failure() {
    // Nothing of the environment reaches the binary, so there is no cargo.
    let folder = folder(&[
        ("Cargo.toml", b"[package]\nname = \"x\"\n"),
        ("Cargo.lock", CARGO_LOCK.as_bytes()),
    ]);
    let output = fix(folder.path(), &["--run"]);
    assert_exit(&output, 2);
    assert!(
        stderr(&output).contains("running cargo update -p a@1.0.0 --precise 1.4.3 in ."),
        "{output:?}"
    );
    assert!(stderr(&output).contains("error: "), "{output:?}");
}
