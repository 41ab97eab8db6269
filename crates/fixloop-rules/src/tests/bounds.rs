use proptest::prelude::*;

use crate::Rule;
use crate::tests::rule;

#[test]
fn deep_and_wide_files_end() {
    let it = rule("yaml", "x.yml", "at = '**.a.**.b.**.c'", "a: 1", "a: {b: {c: 1}}");
    let wide = format!("a:\n{}", "  - {a: {b: {a: {b: 1}}}}\n".repeat(20_000));
    assert_eq!(it.check_file("x.yml", &wide).len(), 1);
    let it =
        rule("json", "x.json", "at = '**'\nall = [{ at = '**.c' }]", "{}", "{\"a\": {\"c\": 1}}");
    let deep = format!("{}{}", "{\"a\":".repeat(250), "[".to_owned() + &"1,".repeat(300_000));
    let checks = it.check_file("x.json", &deep);
    assert_eq!(checks[0].state.as_str(), "unknown", "{}", checks[0].evidence);
    let large = " ".repeat((16 << 20) + 1);
    assert_eq!(it.check_file("x.json", &large)[0].state.as_str(), "unknown");
}

#[test]
fn places_of_a_file_are_bounded() {
    let it = rule("text", "x", "matches = 'a'", "b", "a");
    let many = (0..500).map(|n| format!("a{n}")).collect::<Vec<_>>().join("\n");
    let checks = it.check_file("x", &many);
    assert_eq!(checks.len(), 101);
    assert_eq!(checks[100].evidence, "500 places in all");
}

#[test]
fn a_minified_file_shows_the_place_and_no_secret() {
    let it = rule("json", "x.json", "at = '**.registry'", "{}", "{\"registry\": 1}");
    let filler = "\"k\": 1, ".repeat(1_000);
    let text =
        format!("{{{filler}\"_authToken\": \"abc\", \"registry\": \"https://u:p@x.example\"}}");
    assert_eq!(it.check_file("x.json", &text)[0].evidence, "registry\": \"https://x.example");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_is_a_rule_or_refused(text in "([a-z-]{1,8} ?= ?['\"\\[{]{0,2}[a-z*.\\[]{0,4}['\"\\]}]{0,2}\n|\\[{0,2}[a-z]{0,5}\\]{0,2}\n|\\PC{0,4}){0,12}") {
        if let Err(error) = Rule::parse("r.toml", &text) {
            prop_assert!(error.to_string().contains('^'));
        }
    }

    #[test]
    fn any_condition_is_read(when in "((at|equals|matches|count|any|none|missing) = ('[a*.\\[\\]0]{0,6}'|true|1|\\[\\{ at = 'a' \\}\\])\n){0,5}") {
        let text = super::rule_text("yaml", "x.yml", &when, "z: 1", "a: 1");
        let _ = Rule::parse("r.toml", &text);
    }

    #[test]
    fn any_file_is_checked(text in "([ -]{0,4}[abc<>{}\\[\\]'\"/=*&é]{0,4}[:=]? ?[ab1'\"]{0,2}\r?\n){0,12}") {
        for (format, when) in [
            ("yaml", "at = '**.a'\nnone = [{ at = 'b[*]', matches = 'a' }]"),
            ("json", "at = '*.a'\ncount = '< 2'"),
            ("xml", "at = 'a.@b'"),
            ("toml", "at = 'a'\nmissing = true"),
            ("ini", "at = 'a.b'"),
            ("text", "matches = 'a'"),
        ] {
            let good = if format == "toml" { "a = 1" } else { "" };
            let text_of_rule = super::rule_text(format, "x", when, good, "");
            // The examples do not fit every format: the rule is read without them.
            let rule = crate::parse::without_examples(&text_of_rule).expect("a rule");
            for check in rule.check_file("x", &text) {
                let n_lines = text.split('\n').count();
                prop_assert!(check.line.is_none_or(|it| it as usize <= n_lines));
            }
        }
    }
}
