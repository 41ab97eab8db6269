//! Key results that are not SMART.

use super::*;

/// Creates a key result of these options, and what its check and its beginning say.
fn begun(it: &Programme, options: &[&str]) -> String {
    let create = ["okr", "create", "--objective", "fix faster", "--format", "json"];
    let created = it.run(&[&create, options].concat());
    if created.status.code() != Some(0) {
        return it.plain(&stderr(&created));
    }
    let id = json(&created).as_array().and_then(|it| it.last()?["id"].as_str().map(str::to_owned));
    let id = id.expect("objective and key result");
    let checked = it.run(&["okr", "check", &id]).status.code();
    let activated = it.run(&["okr", "activate", &id]);
    let said = it.plain(&stderr(&activated)).replace(&id, "KR");
    format!("check {checked:?}, activate {:?}\n{said}", activated.status.code())
}

#[test]
fn what_is_missing_blocks_with_the_way_out() {
    let it = Programme::started();
    let owner = ["--owner", "Laura", "--target", "-20%", "--by", "2025-03-31"];
    let rows = [
        ("no target", &["--owner", "Laura", "--by", "2025-03-31"][..]),
        ("no deadline", &["--owner", "Laura", "--target", "-20%"]),
        ("no owner", &["--target", "-20%", "--by", "2025-03-31"]),
        ("too near", &["--owner", "Laura", "--target", "-20%", "--by", "2025-01-03"]),
        ("over before it begins", &["--owner", "Laura", "--target", "-20%", "--by", "2024-01-03"]),
        ("beyond the ceiling", &["--owner", "Laura", "--target", "-100%", "--by", "2025-03-31"]),
        ("worse than today", &["--owner", "Laura", "--target", "+20%", "--by", "2025-03-31"]),
        ("SMART with warnings", &owner),
    ];
    let mut text = String::new();
    for (name, options) in rows {
        text.extend([name, ": ", &begun(&it, options), "\n"]);
    }
    insta::assert_snapshot!(text, @r#"
    no target: check Some(1), activate Some(2)
    error: KR is not SMART: A target: no target

    hint: name one: --target -20% (or -5d, 14d)

    no deadline: check Some(1), activate Some(2)
    error: KR is not SMART: T deadline: no deadline

    hint: name one: --by DATE, 2025-04-10 at the latest

    no owner: check Some(0), activate Some(2)
    error: KR has no owner: an active key result has one person who answers for it

    hint: fixloop okr create --owner NAME records it with one, and fixloop okr end abandons this one

    too near: check Some(0), activate Some(2)
    error: KR has 6 warnings: interval, data age, stretch, risk, follow-up, detectable

    hint: say why it is right all the same: --why "…"

    over before it begins: check Some(1), activate Some(2)
    error: KR is not SMART: T deadline: 2024-01-03 is not in the future: today is 2024-12-31

    hint: name one: --by DATE, 2025-04-10 at the latest

    beyond the ceiling: check Some(1), activate Some(2)
    error: KR is not SMART: A target: `-100 %`: it is not above 0, which nothing reaches

    hint: name one: --target -20% (or -5d, 14d)

    worse than today: check Some(1), activate Some(2)
    error: KR is not SMART: A target: `+20 %`: it is in the wrong direction: less is better

    hint: name one: --target -20% (or -5d, 14d)

    SMART with warnings: check Some(0), activate Some(2)
    error: KR has 5 warnings: interval, data age, stretch, risk, detectable

    hint: say why it is right all the same: --why "…"
    "#);
}

#[test]
fn a_baseline_of_nothing_is_none() {
    let it = Programme::listed();
    let nothing = it.path("records");
    let create = ["okr", "create", "--objective", "x", "--target", "-20%", "--by", "2025-03-31"];
    insta::assert_snapshot!(it.refused(&[&create[..], &[&nothing]].concat()), @r#"
    error: no repository could be read: records: `FOLDER/records` is no git repository: "FOLDER/records" does not appear to be a git repository

    hint: fixloop history PATH… tells why
    "#);
}
