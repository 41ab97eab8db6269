use std::sync::Arc;

use fixloop_model::Files;

use crate::Rule;
use crate::tests::rule;

/// `state line evidence` of each check of one file.
#[track_caller]
fn check(rule: &Rule, path: &str, text: &str, expected: &[&str]) {
    let found: Vec<String> = rule
        .check_file(path, text)
        .iter()
        .map(|it| {
            let line = it.line.map_or("-".to_owned(), |line| line.to_string());
            format!("{} {line} {}", it.state.as_str(), it.evidence)
        })
        .collect();
    assert_eq!(found, expected, "{text}");
}

const SAFE: &[&str] = &["safe - no place in this file is what the rule looks for"];

#[test]
fn a_value_in_json_is_found() {
    let it = rule(
        "json",
        "*.json",
        "at = 'scripts.*install'\nmatches = 'curl'",
        "{}",
        "{\"scripts\": {\"postinstall\": \"curl x\"}}",
    );
    check(
        &it,
        "package.json",
        "{\n \"scripts\": {\n  \"preinstall\": \"curl x | sh\",\n  \"test\": \"curl\"\n }\n}",
        &["affected 3 \"preinstall\": \"curl x | sh\","],
    );
    check(&it, "package.json", "{\"scripts\": 1}", SAFE);
    check(&it, "package.json", "<x>", &["unknown 1 expected a JSON object"]);
    check(
        &it,
        "package.json",
        "{\"a\": \n \"b\" \"c\"}",
        &["unknown 2 expected `,` before this key"],
    );
}

#[test]
fn what_is_missing_is_found() {
    let it = rule(
        "toml",
        "c.toml",
        "all = [{ at = 'registry' }, { at = 'registry.token', missing = true }]",
        "[registry]\ntoken = 1",
        "[registry]\nx = 1",
    );
    check(&it, "c.toml", "a = 1\n[registry]\nb = 2\n", &["affected 2 [registry]"]);
    check(&it, "c.toml", "a = 1", SAFE);
    let it = rule("yaml", "c.yml", "at = 'permissions'\nmissing = true", "permissions: {}", "a: 1");
    check(
        &it,
        "c.yml",
        "on: push\n",
        &["affected - nothing in this file is at `permissions` as the rule wants it"],
    );
    // Behind a merge key it may stand, and in a broken file, too.
    check(
        &it,
        "c.yml",
        "<<: *base\non: push\n",
        &["unknown 1 a merge key stands where the rule looks: `<<: *base`"],
    );
    check(&it, "c.yml", "a: 1\n\tb: 2\n", &["unknown 2 a tab as indentation"]);
}

#[test]
fn conditions_of_one_node_are_of_that_node() {
    let when =
        "at = 'jobs.*.steps[*]'\nall = [{ at = 'uses', matches = '^a/b@' }, { at = 'with.token' }]";
    let bad = "jobs: { x: { steps: [{ uses: a/b@1, with: { token: y } }] } }";
    let it = rule("yaml", "w.yml", when, "jobs: {}", bad);
    let text = "jobs:\n  x:\n    steps:\n      - uses: a/b@1\n      - name: n\n        with:\n          token: z\n        uses: a/b@1\n";
    check(&it, "w.yml", text, &["affected 5 - name: n"]);
    check(
        &it,
        "w.yml",
        "jobs:\n  x: *job\n",
        &["unknown 2 an alias stands where the rule looks: `x: *job`"],
    );
    // What is certain stands, whatever else is unknown.
    let text = "jobs:\n  x: *job\n  y:\n    steps:\n      - {uses: a/b@1, with: {token: secret}}\n";
    check(&it, "w.yml", text, &["affected 5 - {uses: a/b@1, with: {token: ***"]);
}

#[test]
fn none_and_count_are_about_all() {
    let when = "at = 'source'\nnone = [{ at = 'name', equals = 'corp' }]";
    let it = rule(
        "toml",
        "p.toml",
        &when.replace("'source'", "'source[*]'"),
        "[[source]]\nname = 'corp'",
        "[[source]]\nname = 'x'",
    );
    let text = "[[source]]\nname = 'corp'\n[[source]]\nname = 'other'\n";
    check(&it, "p.toml", text, &["affected 3 [[source]]"]);
    let it = rule(
        "xml",
        "nuget.config",
        "at = 'configuration.packageSources.add'\ncount = '> 1'\nnone = [{ at = '@protocolVersion', equals = 2 }]",
        "<configuration/>",
        "<configuration><packageSources><add/><add/></packageSources></configuration>",
    );
    let text = "<configuration>\n <packageSources>\n  <add key='a' value='https://u:p@a.example'/>\n  <add protocolVersion='2'/>\n  <add key='b'/>\n </packageSources>\n</configuration>";
    check(
        &it,
        "nuget.config",
        text,
        &["affected 3 <add key='a' value='https://a.example'/>", "affected 5 <add key='b'/>"],
    );
}

#[test]
fn ini_and_text_are_read() {
    let it = rule(
        "ini",
        ".npmrc",
        "at = '@*:registry'\nnot-matches = '^https://npm\\.corp\\.example/'",
        "@a:registry=https://npm.corp.example/",
        "@a:registry=https://x.example/",
    );
    check(
        &it,
        "a/.npmrc",
        "//x/:_authToken=1\n@b:registry=https://t:1@y.example/\n",
        &["affected 2 @b:registry=https://y.example/"],
    );
    let it = rule(
        "text",
        "Dockerfile",
        "all = [{ matches = '^FROM .*:latest' }, { matches = '^USER root' }]",
        "FROM a:latest",
        "FROM a:latest\nUSER root",
    );
    check(
        &it,
        "Dockerfile",
        "USER root\nFROM a:latest\r\n",
        &["affected 1 USER root", "affected 2 FROM a:latest"],
    );
    check(&it, "Dockerfile", "", SAFE);
}

#[test]
fn packages_of_lockfiles_are_found_with_name_and_version() {
    let good = "{\"lockfileVersion\": 3, \"packages\": {}}";
    let bad =
        "{\"lockfileVersion\": 3, \"packages\": {\"node_modules/a\": {\"version\": \"1.0.0\"}}}";
    let it = rule("lockfile", "package-lock.json", "component = ['a@1.0.0', '@s/b']", good, bad);
    check(
        &it,
        "package.json",
        "{\"dependencies\": {\"a\": \"^1.0.0\"}}",
        &[
            "unknown 1 a package of the rule, at a version that this file does not say: `{\"dependencies\": {\"a\": \"^1.0.0\"}}`",
        ],
    );
    let text = "{\n\"lockfileVersion\": 3,\n\"packages\": {\n\"node_modules/a\": {\n\"version\": \"1.0.0\"\n},\n\"node_modules/@s/b\": {\"version\": \"9.0.0\"},\n\"node_modules/c\": {\"version\": \"1.0.0\"}}}";
    check(
        &it,
        "package-lock.json",
        text,
        &[
            "affected 4 \"node_modules/a\": { … \"version\": \"1.0.0\"",
            "affected 7 \"node_modules/@s/b\": {\"version\": \"9.0.0\"},",
        ],
    );
    check(&it, "package-lock.json", good, SAFE);
    check(&it, "other.bin", "", &["unknown - no format whose packages fixloop reads"]);
}

#[test]
fn the_line_of_a_block_that_matched_is_shown() {
    let it = rule(
        "yaml",
        "w.yml",
        "at = '**.run'\nmatches = 'curl .*\\| *sh'",
        "a: 1",
        "run: curl x | sh",
    );
    let text = "steps:\n  - run: |\n      echo\n      curl x | sh\n";
    check(&it, "w.yml", text, &["affected 4 curl x | sh"]);
}

#[test]
fn evidence_may_be_another_place_of_the_node() {
    let text = super::rule_text(
        "yaml",
        "w.yml",
        "at = 's[*]'\nall = [{ at = 'b' }]",
        "a: 1",
        "s: [{b: 1}]",
    );
    let text = text.replace("good =", "evidence = 'b'\ngood =");
    let it = Rule::parse("r.toml", &text).expect("a rule");
    check(&it, "w.yml", "s:\n  - a: 1\n    b: 2\n", &["affected 3 b: 2"]);
}

struct Tree(Vec<String>);

impl Files for Tree {
    fn paths(&self) -> &[String] {
        &self.0
    }

    fn text(&self, path: &str) -> Result<Option<Arc<str>>, String> {
        match path {
            "a/x.yml" => Ok(Some("bad: 1".into())),
            "b/x.yml" => Err("no UTF-8".to_owned()),
            _ => Ok(None),
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_is_unknown() {
    let it = rule("yaml", "x.yml", "at = 'bad'", "a: 1", "bad: 1");
    let paths = ["a/x.yml", "b/x.yml", "c/x.yml", "d/y.yml"].map(str::to_owned);
    let checks = it.check(&Tree(paths.to_vec()));
    let found: Vec<String> = checks
        .iter()
        .map(|it| format!("{} {} {}", it.path, it.state.as_str(), it.evidence))
        .collect();
    assert_eq!(
        found,
        ["a/x.yml affected bad: 1", "b/x.yml unknown no UTF-8", "c/x.yml unknown the file is gone",]
    );
}
