use crate::Rule;
use crate::tests::rule_text;

fn refused(text: &str) -> String {
    Rule::parse("r.toml", text).expect_err("a mistake").to_string()
}

fn refused_when(when: &str) -> String {
    refused(&rule_text("yaml", "x.yml", when, "a: 1", "b: 1"))
}

#[test]
fn an_unknown_key_names_the_nearest() {
    insta::assert_snapshot!(refused_when("at = 'b'\nmatchs = '^1'"), @r"
    unknown key `matchs`
      --> r.toml:12:1
       |
    12 | matchs = '^1'
       | ^^^^^^ did you mean `matches`?
    ");
    insta::assert_snapshot!(refused("schema = 'fixloop.rule/1'\nwurst = 1\n"), @r"
    unknown key `wurst`
     --> r.toml:2:1
      |
    2 | wurst = 1
      | ^^^^^ known here are `schema`, `id`, `title`, `severity`, `fix`, `url`, `files`, `format`, `when`, `evidence`, `good`, `bad`
    ");
}

#[test]
fn a_pattern_is_marked_where_it_breaks() {
    insta::assert_snapshot!(refused_when("at = 'b'\nmatches = '^a(b'"), @r"
    no regular expression: unclosed group
      --> r.toml:12:14
       |
    12 | matches = '^a(b'
       |              ^
    ");
    insta::assert_snapshot!(refused_when("at = 'b'\nmatches = '(a{500}){500}'"), @r"
    a pattern that is too large
      --> r.toml:12:12
       |
    12 | matches = '(a{500}){500}'
       |            ^^^^^^^^^^^^^ repeat less, or use smaller classes: `[0-9]` for `\d`
    ");
}

#[test]
fn a_path_is_marked_where_it_breaks() {
    insta::assert_snapshot!(refused_when("at = 'jobs..steps'"), @r"
    a name is missing here
      --> r.toml:11:12
       |
    11 | at = 'jobs..steps'
       |            ^ write a key, `*` for every key, or `**` for any depth
    ");
    insta::assert_snapshot!(refused_when("any = [{ at = 'a[x]' }]"), @r"
    `x` is not a place in a list
      --> r.toml:11:17
       |
    11 | any = [{ at = 'a[x]' }]
       |                 ^^^ write `[*]` for every item, or a number
    ");
}

#[test]
fn a_test_without_a_place_is_refused() {
    insta::assert_snapshot!(refused_when("equals = 1"), @r#"
    of what place in the file?
      --> r.toml:11:1
       |
    11 | equals = 1
       | ^^^^^^ add `at = "…"`, the path to it
    "#);
}

#[test]
fn toml_that_is_none_is_told() {
    insta::assert_snapshot!(refused("schema = 'fixloop.rule/1'\nid = \"x\n"), @r#"
    not TOML: invalid basic string, expected `"`
     --> r.toml:2:8
      |
    2 | id = "x
      |        ^
    "#);
}

#[test]
fn what_is_missing_is_named() {
    insta::assert_snapshot!(refused("schema = 'fixloop.rule/1'\n"), @r#"
    `id` is missing
     --> r.toml:1:1
      |
    1 | schema = 'fixloop.rule/1'
      | ^ name the rule: `id = "no-latest-images"`
    "#);
    let text = rule_text("yaml", "x.yml", "at = 'b'", "a: 1", "b: 1").replace("good", "goood");
    insta::assert_snapshot!(refused(&text), @r"
    unknown key `goood`
     --> r.toml:6:1
      |
    6 | goood = '''
      | ^^^^^ did you mean `good`?
    ");
}

#[test]
fn examples_have_to_be_what_they_are_called() {
    let text = rule_text("yaml", "x.yml", "at = 'b'", "a: 1\nb: 2\n", "b: 1");
    insta::assert_snapshot!(refused(&text), @r"
    good example 1 is found: `b: 2`
     --> r.toml:8:1
      |
    8 | b: 2
      | ^^^^
    ");
    let text = rule_text("yaml", "x.yml", "at = 'b'", "a: 1", "c: 1");
    insta::assert_snapshot!(refused(&text), @r"
    bad example 1 is not found by the rule
     --> r.toml:9:1
      |
    9 | c: 1'''
      | ^^^^
    ");
    let text = rule_text("json", "x.json", "at = 'b'", "{", "{\"b\": 1}");
    insta::assert_snapshot!(refused(&text), @r"
    good example 1 cannot be decided: the text ends inside 1 unclosed brackets
     --> r.toml:7:1
      |
    7 | {'''
      | ^
    ");
}

#[track_caller]
fn check(replaced: &str, by: &str, expected: &str) {
    let text = rule_text("yaml", "x.yml", "at = 'b'", "a: 1", "b: 1");
    assert!(text.contains(replaced), "{text}");
    let error = Rule::parse("r.toml", &text.replace(replaced, by)).expect_err("a mistake");
    assert_eq!(format!("{}:{} {}", error.line(), error.column(), error.message()), expected);
}

#[test]
fn every_value_is_checked() {
    check("rule/1", "rule/2", "1:11 not a schema that this version reads");
    check("id = \"r\"", "id = \"R x\"", "2:7 `R x` is no id");
    check("id = \"r\"", "id = \"dependency-confusion\"", "2:7 `dependency-confusion` is built in");
    check("\"t\"", "\"\"", "3:10 one sentence on one line is expected");
    check("\"t\"", "3", "3:9 a text in quotes is expected here");
    check("[\"x.yml\"]", "[]", "4:9 between 1 and 100 patterns are expected");
    check("x.yml", "a[", "4:11 no pattern: unclosed character class; missing ']'");
    check(
        "\"yaml\"",
        "\"yml\"",
        "5:11 `yml` is none of `json`, `yaml`, `toml`, `xml`, `ini`, `text`, `lockfile`",
    );
    check("at = 'b'", "", "10:2 a condition that says nothing");
    check("at = 'b'", "at = 'b'\ncount = '~2'", "12:10 no count");
    check(
        "at = 'b'",
        "at = 'b'\nmissing = true\nequals = 1",
        "10:2 what is missing cannot be tested",
    );
    check("at = 'b'", "at = 'b'\ncomponent = 'a@1'", "12:1 packages stand in lockfiles");
    check("[when]", "[[when]]", "10:1 a table is expected here");
    check("\"t\"", "\"t\"\nurl = \"x\"", "4:8 an address starts with `https://`");
    check(
        "\"t\"",
        "\"t\"\nseverity = \"hgih\"",
        "4:13 `hgih` is none of `low`, `medium`, `high`, `critical`",
    );
}
