use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render};

/// The text under a span may have escapes in it, which the value has not.
fn as_written(written: &str, value: &str) -> bool {
    written == value || written.contains('\\')
}

/// The rows of the named components.
fn rows(text: &str, names: &[&str]) -> String {
    let rendered = render(text, &parse(text));
    let is_named = |row: &&str| row.split(' ').nth(1).is_some_and(|name| names.contains(&name));
    rendered.split_inclusive('\n').filter(is_named).collect()
}

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/package_lock", "*.json", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let parsed = parse(&text);
        assert_spans(&text, &parsed, as_written);
        insta::assert_snapshot!(render(&text, &parsed));
    });
}

#[test]
fn what_is_no_lockfile_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("", "no JSON object");
    check("[]", "no JSON object");
    check("{}", "without `lockfileVersion`");
    check("{\"lockfileVersion\": 4, \"packages\": {}}", "lockfile version `4` is not known");
    check("{\"lockfileVersion\": {}}", "lockfile version `{}` is not known");
    check("{\"lockfileVersion\": 3}", "without `packages`");
    check("{\"lockfileVersion\": 3, \"packages\": []}", "expected an object for `packages`");
    check("{\"lockfileVersion\": 1, \"dependencies\": {\"a\": {\"version\": \"1.0", "unterminated");
    assert_eq!(parse("{\"lockfileVersion\": 1}"), Parsed::default());
    assert_eq!(parse("{\"lockfileVersion\": 3, \"packages\": {\"\": {}}}"), Parsed::default());
}

#[test]
fn without_requires_version_1_does_not_tell_who_is_direct() {
    let text = r#"{"lockfileVersion": 1, "dependencies": {
        "a": {"version": "1.0.0", "dependencies": {"b": {"version": "2.0.0"}}}, "b": {"version": "1.0.0"}}}"#;
    insta::assert_snapshot!(render(text, &parse(text)), @"
    2:10 a 1.0.0 - runtime public
    2:53 b 2.0.0 transitive runtime public
    2:82 b 1.0.0 - runtime public
    ");
}

#[test]
fn sources_are_known_by_address() {
    let check = |address: &str, expected: Source| assert_eq!(source_of_address(address), expected);
    let git = |url: &str| Source::Git { url: url.to_owned() };
    let registry = |host: &str| Source::Registry { host: host.to_owned() };
    let archive = |url: &str| Source::Archive { url: url.to_owned() };
    let path = |path: &str| Source::Path { path: Some(path.to_owned()) };
    check("git+https://git.corp.example/a.git#1", git("git+https://git.corp.example/a.git#1"));
    check("git://git.corp.example/a.git", git("git://git.corp.example/a.git"));
    check("github:corp/a#1", git("github:corp/a#1"));
    check("file:../a", path("../a"));
    check("packages/a", path("packages/a"));
    check("https://npm.corp.example/a/-/a-1.0.0.tgz", registry("npm.corp.example"));
    check("https://npm.corp.example/download/@corp/a/1.0.0/abc", registry("npm.corp.example"));
    check("https://files.corp.example/a.tgz", archive("https://files.corp.example/a.tgz"));
}

#[test]
fn hostile_depth_is_read_in_linear_time() {
    let deep = format!("\"{}a\": {{\"version\": \"1.0.0\"}}", "node_modules/a/".repeat(20_000));
    let names: Vec<String> = (0..20_000).map(|it| format!("\"n{it}\": \"1\"")).collect();
    // A workspace member, so that its dependencies are searched.
    let wide =
        format!("\"{}b\": {{\"dependencies\": {{{}}}}}", "a/".repeat(20_000), names.join(","));
    let parsed = parse(&format!("{{\"lockfileVersion\": 3, \"packages\": {{{deep}, {wide}}}}}"));
    assert_eq!(parsed.components.len(), 2);
    let opened = "{\"dependencies\": {\"a\": ".repeat(100_000);
    assert!(
        !parse(&format!("{{\"lockfileVersion\": 1, \"dependencies\": {{\"a\": {opened}"))
            .problems
            .is_empty()
    );
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("package-lock.json", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, as_written);
    });
}

/// Read by hand in the file: links to five members, three aliases, one bundle, `dev` together with `optional`.
#[test]
fn corpus_workspaces_of_version_3() {
    let file = "package-lock.json/astral-sh__ruff__playground__package-lock.json";
    let Some(text) = corpus::text(file) else { return };
    let names = [
        "ruff-playground",
        "ty-playground",
        "shared",
        "ruff_wasm",
        "ty_wasm",
        "typescript",
        "@typescript/typescript6",
        "eslint",
        "monaco-editor",
        "dompurify",
        "lz-string",
        "@tailwindcss/oxide",
        "@tailwindcss/oxide-wasm32-wasi",
        "tslib",
        "vite-plugin-static-copy",
        "fflate",
    ];
    insta::assert_snapshot!(rows(&text, &names), @"
    2787:19 @tailwindcss/oxide 4.3.3 transitive dev public < @tailwindcss/vite@4.3.3
    2976:19 @tailwindcss/oxide-wasm32-wasi 4.3.3 transitive dev public < @tailwindcss/vite@4.3.3 > @tailwindcss/oxide@4.3.3
    3065:63 tslib 2.8.1 transitive dev public < @tailwindcss/vite@4.3.3 > @tailwindcss/oxide@4.3.3 > @tailwindcss/oxide-wasm32-wasi@4.3.3
    3471:16 typescript 7.0.2 direct dev public as @typescript/native
    3507:16 typescript 6.0.3 transitive dev public as @typescript/old < @typescript/typescript6@6.0.2
    4595:19 dompurify 3.4.8 transitive runtime public < monaco-editor@0.56.0
    4840:19 eslint 9.39.2 direct dev public
    5180:19 fflate 0.8.2 direct runtime public
    6494:19 lz-string 1.5.0 direct runtime public
    6558:19 monaco-editor 0.56.0 direct runtime public
    7801:19 tslib 2.8.1 transitive runtime public < react-aria-components@1.16.0 > @swc/helpers@0.5.19
    7907:16 @typescript/typescript6 6.0.2 direct dev public as typescript
    8091:19 vite-plugin-static-copy 4.0.1 direct dev public
    8650:16 ruff-playground 0.0.0 root - workspace
    8665:11 ruff_wasm 0.14.5 root - workspace
    8669:6 shared 0.0.0 root - workspace
    8682:16 ty-playground 0.0.0 root - workspace
    8701:9 ty_wasm 0.0.0 root - workspace
    ");
}

/// Read by hand in the file: a git dependency with entries of its own below it, and two folders.
#[test]
fn corpus_git_and_folders_of_version_1() {
    let file = "package-lock.json/_historic/parse-community__parse-server__package-lock.json@2021-06-30-d36a53b2";
    let Some(text) = corpus::text(file) else { return };
    let names = [
        "mongodb-tools",
        "mock-files-adapter",
        "mock-mail-adapter",
        "mkdirp",
        "rimraf",
        "mongodb",
        "jsdoc",
        "fsevents",
        "parse",
        "ws",
        "minimist",
    ];
    insta::assert_snapshot!(rows(&text, &names), @"
    1649:10 parse 2.17.0 transitive runtime public < @parse/push-adapter@3.4.0
    1668:10 ws 7.3.1 transitive runtime public < @parse/push-adapter@3.4.0 > parse@2.17.0
    6205:6 fsevents 1.2.13 - dev public
    7497:10 rimraf 3.0.2 transitive dev public
    7747:6 jsdoc 3.6.3 direct dev public
    8945:6 minimist 1.2.5 - dev public
    8974:6 mkdirp 0.5.5 - dev public
    8983:6 mock-files-adapter - direct dev path spec/dependencies/mock-files-adapter
    8987:6 mock-mail-adapter - direct dev path spec/dependencies/mock-mail-adapter
    9042:6 mongodb 3.6.9 - runtime public
    9174:6 mongodb-tools - - dev git github:mongodb-js/mongodb-tools#0d1a90f49796c41f6d47c7c7999fe384014a16a0
    9195:10 minimist 0.0.8 transitive dev public
    9201:10 mkdirp 0.5.0 transitive dev public
    9210:10 rimraf 2.2.6 transitive dev public
    9550:10 rimraf 3.0.2 transitive dev public < nyc@15.1.0
    9966:6 parse 3.2.0 direct runtime public
    9995:10 ws 7.4.4 transitive runtime public < parse@3.2.0
    10931:6 rimraf 2.6.3 - dev public
    11448:10 rimraf 3.0.2 transitive dev public
    12598:6 ws 7.4.6 - runtime public
    ");
}

fn lockfile() -> impl Strategy<Value = String> {
    let key = "(node_modules/|a/|@s/|\\.\\./){0,3}(a|b|@s/a|\\\\u0061|)";
    let value = "(\"(npm:)?(a|@s/a)?@?[0-9.]{0,3}\"|\"(git\\+ssh|file|https?):(//)?[a-b/é-]{0,5}\"|true|1|null)";
    let field = "(version|name|resolved|link|dev|optional|x)";
    let dependencies = "(requires|dependencies|peerDependencies)";
    let entry = format!(
        "\"{key}\": \\{{(\"{field}\": {value}, ?){{0,3}}(\"{dependencies}\": \\{{\"{key}\": {value}\\}})?\\}},?\n"
    );
    let packages = format!("\\{{(\"dependencies\": \\{{)?({entry}){{0,6}}(\\}})?\\}}");
    let text =
        format!("\\{{\"lockfileVersion\": [1-4],\n\"(dependencies|packages)\": {packages}.?\\}}");
    proptest::string::string_regex(&text).unwrap()
}

proptest! {
    #[test]
    fn any_text_is_read(text in ".{0,80}") {
        assert_spans(&text, &parse(&text), as_written);
    }

    #[test]
    fn any_lockfile_is_read(text in lockfile(), cut in 0_usize..200) {
        assert_spans(&text, &parse(&text), as_written);
        let cut: String = text.chars().take(cut).collect();
        assert_spans(&cut, &parse(&cut), as_written);
    }
}
