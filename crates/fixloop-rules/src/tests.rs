mod bounds;
mod checking;
mod refusing;
mod rules;

use crate::Rule;

/// A rule over one format: `when` as it would stand below `[when]`, with examples that say nothing of it.
fn rule_text(format: &str, files: &str, when: &str, good: &str, bad: &str) -> String {
    format!(
        "schema = \"fixloop.rule/1\"\nid = \"r\"\ntitle = \"t\"\nfiles = [\"{files}\"]\nformat = \"{format}\"\n\
         good = '''\n{good}'''\nbad = '''\n{bad}'''\n[when]\n{when}\n"
    )
}

#[track_caller]
fn rule(format: &str, files: &str, when: &str, good: &str, bad: &str) -> Rule {
    let text = rule_text(format, files, when, good, bad);
    Rule::parse("r.toml", &text).unwrap_or_else(|it| panic!("{it}"))
}
