//! `fixloop analyze`: the same numbers as R, and bad tables.

use fixloop_test_support::shared;
use serde_json::Value;

use super::*;

/// Compares by `|a-b| <= 1e-8 max(|a|, 1e-6) + 1e-12`, as the reference asks; a null stands for "not reached".
#[track_caller]
fn assert_near(found: &Value, expected: &Value, what: &str) {
    match (found, expected) {
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{what}");
            a.iter().zip(b).for_each(|(a, b)| assert_near(a, b, what));
        }
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().expect("a number"), b.as_f64().expect("a number"));
            assert!((a - b).abs() <= 1e-8 * b.abs().max(1e-6) + 1e-12, "{what}: {a} is not {b}");
        }
        _ => assert_eq!(found, expected, "{what}"),
    }
}

/// Runs on a data set of the reference; compares pairs of our pointer below `/estimates` and the reference's.
#[track_caller]
fn check(case: &str, data: &str, arguments: &[&str], pairs: &[(&str, &str)]) {
    let Some(folder) = shared::file("data/stats_reference") else { return };
    let text = fs::read_to_string(folder.join("reference.json")).expect("it is readable");
    let reference: Value = serde_json::from_str(&text).expect("it is JSON");
    let path = folder.join("data").join(data);
    let mut all = vec!["analyze", path.to_str().expect("a plain path"), "--format", "json"];
    all.extend(arguments);
    let output = fixloop(&all);
    assert_exit(&output, 0);
    let document = json(&output);
    for (ours, theirs) in pairs {
        let found = document["estimates"].pointer(ours);
        let expected = reference["cases"][case]["expected"].pointer(theirs);
        let expected = expected.unwrap_or_else(|| panic!("{case} has no {theirs}"));
        assert_near(found.unwrap_or(&Value::Null), expected, &format!("{case} {theirs}"));
    }
}

/// Equal names on both sides.
fn same(prefix: &str, names: &[&'static str]) -> Vec<(String, String)> {
    names.iter().map(|it| (format!("{prefix}/{it}"), format!("/{it}"))).collect()
}

#[track_caller]
fn check_same(case: &str, data: &str, arguments: &[&str], prefix: &str, names: &[&'static str]) {
    let pairs = same(prefix, names);
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(a, b)| (&**a, &**b)).collect();
    check(case, data, arguments, &pairs);
}

const CURVE: &[&str] = &["time", "n_risk", "surv", "greenwood_se", "loglog_lower", "loglog_upper"];

#[test]
fn curves_are_those_of_r() {
    let names =
        ["at/n_risk", "at/surv", "at/greenwood_se", "at/loglog_lower", "at/loglog_upper", "n"];
    let more = ["events", "rmst/tau", "rmst/rmst", "rmst/se", "quantiles/loglog"];
    let quantiles = ["quantiles/loglog/q", "quantiles/loglog/lower", "quantiles/loglog/upper"];
    let names = [&names[..], &more[..4], &quantiles].concat();
    for (case, file, select, times, tau) in [
        ("km.l1", "lung.csv", "sex=1", "30,90,180,365,730", "365"),
        ("km.l2", "lung.csv", "sex=2", "30,90,180,365,730", "365"),
        ("km.v1", "veteran.csv", "trt=1", "10,30,90,180,365", "180"),
    ] {
        let arguments =
            ["--status", "event", "--where", select, "--times", times, "--horizon", tau];
        check_same(case, file, &arguments, "/all", &names);
    }
}

#[test]
fn a_curve_with_delayed_entry_is_that_of_r() {
    let arguments = ["--where", "period=pre", "--times", "3,7,14,30,45,60,90"];
    check_same("km.fixtimes_pre_left_truncated", "fixtimes.csv", &arguments, "/all/at", CURVE);
    check(
        "km.fixtimes_pre_left_truncated",
        "fixtimes.csv",
        &arguments,
        &[("/all/quantiles/loglog/q/1", "/median")],
    );
    let arguments = ["--status", "event"];
    check(
        "convention.median_at_half",
        "tiny_half.csv",
        &arguments,
        &[("/all/quantiles/loglog/q/1", "/r_median")],
    );
}

#[test]
fn incidences_are_those_of_r() {
    for (arm, case) in [("arm=0", "aj.fix_arm0"), ("arm=1", "aj.fix_arm1")] {
        let base = ["--where", "period=post", "--where", arm, "--times", "7,14,30"];
        let with = |event| [&base[..], &["--event", event]].concat();
        let data = "fixtimes.csv";
        let fixed = [("/all/cif_event/cif", "/cif_fixed"), ("/all/cif_event/se", "/se_fixed")];
        check(case, data, &with("1"), &fixed);
        check(case, data, &with("2"), &[("/all/cif_event/cif", "/cif_removed")]);
        check(case, data, &with("3"), &[("/all/cif_event/cif", "/cif_ignored")]);
    }
    let arguments = ["--time", "etime", "--status", "estat", "--times", "12,60,120,240"];
    let pairs = [
        ("/all/cif_event/cif", "/cif1"),
        ("/all/cif_event/se", "/se1_survfit"),
        ("/all/cif_competing/cif", "/cif2"),
        ("/all/cif_competing/se", "/se2_survfit"),
    ];
    check("aj.mgus2", "mgus2_cr.csv", &arguments, &pairs);
}

const LOG_RANK: &[&str] = &["observed", "expected", "var_first", "chisq", "df", "p"];

#[test]
fn log_rank_tests_are_those_of_r() {
    let lung = ["--status", "event", "--arm", "sex"];
    check_same("logrank.lung_sex", "lung.csv", &lung, "/logrank", LOG_RANK);
    let cells = ["--status", "event", "--arm", "celltype"];
    check_same("logrank.veteran_celltype", "veteran.csv", &cells, "/logrank", LOG_RANK);
    let arms = ["--where", "period=post", "--arm", "arm", "--stratum", "severity"];
    check_same("logrank.fix_arm", "fixtimes.csv", &arms, "/logrank", LOG_RANK);
    let strata = "logrank.fix_arm_strata_severity";
    check_same(strata, "fixtimes.csv", &arms, "/logrank_strata", LOG_RANK);
    let arms = ["--where", "period=pre", "--arm", "arm"];
    let pairs = [
        ("/logrank/observed/1", "/O1"),
        ("/logrank/expected/1", "/E1"),
        ("/logrank/var_first", "/V"),
        ("/logrank/chisq", "/chisq"),
    ];
    check("logrank.fix_pre_arm_left_truncated", "fixtimes.csv", &arms, &pairs);
}

const BY_TEAM: &[&str] = &["--where", "period=post", "--arm", "arm", "--team", "team"];

#[test]
fn comparisons_by_team_are_those_of_the_reference() {
    let data = "fixtimes.csv";
    let arguments = [BY_TEAM, &["--horizon", "30"]].concat();
    let names = ["U", "V_hypergeometric", "V_robust", "z_naive", "z_robust"];
    let robust = "logrank.fix_arm_cluster_robust";
    check_same(robust, data, &arguments, "/logrank_cluster_robust", &names);
    let pairs = [
        ("/logrank_cluster_robust/p", "/p_t10"),
        ("/logrank_cluster_robust/score_by_team/T01", "/score_by_team/T01"),
    ];
    check(robust, data, &arguments, &pairs);
    let names =
        ["rmst0", "se0", "rmst1", "se1", "diff", "se_naive", "p_naive", "se_team_jackknife"];
    check_same("rmst.fix_diff_30", data, &arguments, "/rmst_diff", &names);
    check("rmst.fix_diff_30", data, &arguments, &[("/rmst_diff/p", "/p_t10")]);
    let closed = [
        ("/arms/0/mean_closed", "/mean_closed_arm0"),
        ("/arms/1/mean_closed", "/mean_closed_arm1"),
        ("/arms/1/median_closed", "/median_closed_arm1"),
        ("/arms/0/quantiles/loglog/q/1", "/km_median_arm0"),
    ];
    check("naive.mttr_of_closed", data, &arguments, &closed);
}

const COX: &[&str] = &[
    "coef",
    "se",
    "robust_se",
    "loglik_null",
    "loglik",
    "lrt",
    "wald",
    "score",
    "robust_score",
    "n",
    "events",
];

#[test]
fn regressions_are_those_of_r() {
    let data = "fixtimes.csv";
    check_same("cox.fix_cluster_efron", data, BY_TEAM, "/cox_efron", COX);
    let strata = [BY_TEAM, &["--stratum", "severity"]].concat();
    check_same("cox.fix_strata_cluster_efron", data, &strata, "/cox_efron_strata", COX);
    let before = ["--where", "period=pre", "--arm", "arm", "--team", "team"];
    check_same("cox.fix_pre_left_truncated_efron", data, &before, "/cox_efron", COX);
}

/// Runs on a table with this content.
fn analyze(content: &[u8], more: &[&str]) -> Output {
    let folder = folder(&[("table.csv", content)]);
    let path = folder.path().join("table.csv");
    let mut arguments = vec!["analyze", path.to_str().expect("a plain path")];
    arguments.extend(more);
    fixloop(&arguments)
}

const SMALL: &[u8] = b"entry,time,status,arm,team
0,4,1,a,web
0,9,1,a,web
0,12,0,a,api
0,30,1,a,api
2,35,2,a,api
0,3,1,b,shop
0,5,1,b,shop
0,8,1,b,pay
0,20,1,b,pay
0,40,0,b,pay
";

const ARMS: &[&str] = &["--arm", "arm", "--team", "team", "--horizon", "30"];

#[test]
fn text_of_a_small_table() {
    let output = analyze(SMALL, ARMS);
    assert_exit(&output, 0);
    insta::assert_snapshot!(stdout(&output));
}

#[test]
fn one_team_in_an_arm_cannot_be_told() {
    let output = analyze(SMALL, &["--arm", "arm", "--team", "arm", "--horizon", "30"]);
    assert_exit(&output, 0);
    let text = stdout(&output);
    let compared = text.split_once("Arms compared").unwrap().1;
    insta::assert_snapshot!(compared);
}

#[test]
fn words_of_a_verdict_are_not_said() {
    for arguments in [ARMS, &[], &["--format", "html"]] {
        let text = stdout(&analyze(SMALL, arguments)).to_lowercase();
        for word in ["significan", "trend", "almost", "borderline"] {
            assert!(!text.contains(word), "{word}");
        }
    }
}

#[test]
fn json_names_rows_that_could_not_be_used() {
    let table = b"time,status\n3,1\nsoon,1\n-1,1\nNaN,0\ninf,0\n5,NA\n6,maybe\n7\n8,0\n,1\n9,0\n";
    let output = analyze(table, &["--format", "json"]);
    assert_exit(&output, 2);
    let document = json(&output);
    assert_eq!(document["schema"], "fixloop.analyze/1");
    assert_eq!(document["rows"], 3);
    assert_eq!(document["n_skipped"], 8);
    let list = document["skipped"].as_array().unwrap();
    let lines: Vec<String> = list
        .iter()
        .map(|it| format!("{}: {}", it["line"], it["reason"].as_str().unwrap()))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    3: `time` is `soon`, which is no number
    4: `time` is `-1`, which is not a finite number of at least 0
    5: `time` is `NaN`, which is not a finite number of at least 0
    6: `time` is `inf`, which is not a finite number of at least 0
    7: `status` is empty or NA
    8: status `maybe` is no code that is known
    9: its cells number 1, those of the header 2
    11: `time` is empty or NA
    ");
}

#[test]
fn an_entry_after_the_end_costs_its_row() {
    let output = analyze(b"entry,time,status\n0,5,1\n5,5,1\n9,4,0\n1,6,0\n", &[]);
    assert_exit(&output, 2);
    let text = stdout(&output);
    let skipped = text.split_once("Not used").unwrap().1;
    assert_eq!(
        skipped,
        " (2):\n  line 3: entry `5` is not before time `5`\n  line 4: entry `9` is not before time `4`\n"
    );
    // A page and a table say it beside themselves.
    for format in ["csv", "html"] {
        let output = analyze(b"entry,time,status\n0,5,1\n5,5,1\n", &["--format", format]);
        assert_exit(&output, 2);
        assert!(stderr(&output).contains("line 3: entry `5`"), "{}", stderr(&output));
    }
}

/// An error with a hint, and nothing on standard output.
#[track_caller]
fn refused(content: &[u8], more: &[&str]) -> String {
    let output = analyze(content, more);
    assert_exit(&output, 2);
    assert_eq!(stdout(&output), "");
    let text = stderr(&output);
    assert!(text.starts_with("error: ") && text.contains("\nhint: "), "{text}");
    let path = text.split('`').find(|it| it.ends_with("table.csv")).unwrap_or("?").to_owned();
    text.replace(&path, "table.csv")
}

#[test]
fn bad_tables() {
    let long = [b"time,status\n\"".as_slice(), &vec![b'1'; 2 << 20]].concat();
    let cases: [(&[u8], &[&str]); 10] = [
        (b"", &[]),
        (b"time,status\n", &[]),
        (b"when,status\n1,1\n", &[]),
        (b"time,status\n1,1\n", &["--arm", "arms"]),
        (b"time,status\n1,1\n", &["--where", "sex=1"]),
        (b"time,status,sex\n1,1,2\n", &["--where", "sex=1"]),
        (b"time,time,status\n1,1,1\n", &[]),
        (b"time,status\nx,1\ny,0\n", &[]),
        (b"\xff\xfet\0i\0", &[]),
        (&long, &[]),
    ];
    let told: Vec<String> = cases.iter().map(|(content, more)| refused(content, more)).collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_file_that_is_not_there() {
    let output = fixloop(&["analyze", "/no/such/table.csv"]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("failed to read `/no/such/table.csv`"), "{output:?}");
    assert!(stderr(&output).contains("hint: "), "{output:?}");
}

#[test]
fn numbers_of_flags_are_checked() {
    for (flag, value) in
        [("--horizon", "0"), ("--horizon", "inf"), ("--times", "7,x"), ("--where", "sex")]
    {
        let output = analyze(SMALL, &[flag, value]);
        assert_exit(&output, 2);
        assert!(stderr(&output).contains("write "), "{}", stderr(&output));
    }
}

#[test]
fn little_data_is_no_error() {
    let censored = b"time,status,arm\n3,0,a\n4,0,b\n";
    let output = analyze(censored, &["--arm", "arm"]);
    assert_exit(&output, 0);
    let text = stdout(&output);
    assert!(text.contains("not reached"), "{text}");
    assert!(text.contains("cannot tell: no event happened"), "{text}");
    for table in [&b"time,status\n3,1\n"[..], b"time,status\n3,0\n", b"time,status\n0,1\n"] {
        assert_exit(&analyze(table, &["--horizon", "1"]), 0);
        let document = json(&analyze(table, &["--format", "json", "--horizon", "1"]));
        assert_eq!(document["estimates"]["all"]["n"], 1);
    }
}

#[test]
fn withdrawn_rows_are_dropped() {
    let output = analyze(b"time,status\n3,withdrawn\n4,withdrawn\n", &[]);
    assert_exit(&output, 0);
    assert!(stdout(&output).contains("Cannot tell: there is no row"), "{}", stdout(&output));
    let document = json(&analyze(b"time,status\n3,withdrawn\n", &["--format", "json"]));
    assert_eq!(document["estimates"]["all"], Value::Null);
}

/// Without what names the file or its separator.
fn numbers(content: &[u8]) -> Value {
    let output = analyze(content, &["--format", "json", "--arm", "arm", "--team", "team"]);
    assert_exit(&output, 0);
    json(&output)["estimates"].clone()
}

#[test]
fn how_a_table_is_written_changes_no_number() {
    let text = String::from_utf8(SMALL.to_vec()).unwrap();
    let expected = numbers(SMALL);
    for table in [
        format!("\u{feff}{text}"),
        text.replace('\n', "\r\n"),
        text.replace(',', ";"),
        text.replace(',', "\t"),
        text.replace(',', ", "),
        text.replace(",1,", ",1.0,"),
        text.replace(",1,", ",TRUE,"),
        text.replace(",1,", ",fixed,").replace(",2,", ",ignored,").replace(",0,", ",open,"),
    ] {
        assert_eq!(numbers(table.as_bytes()), expected, "{table}");
    }
    let output = analyze(text.replace(',', ";").as_bytes(), &[]);
    assert!(stdout(&output).contains("separated by a semicolon"), "{}", stdout(&output));
}

const OWN: &[u8] = b"id,subject,target,team,ecosystem,severity,direct,arm,stratum,start,entry_days,time_days,status,outcome
a1,npm lodash,shop:package-lock.json,web,npm,high,true,,,2024-05-01T00:00:00Z,,12.25,1,upgraded
a2,npm lodash,pay:package-lock.json,'@org/pay,npm,high,false,,,2024-05-03T06:00:00.5Z,2.5,20,1,removed
a3,npm minimist,pay:package-lock.json,'@org/pay,npm,,,,,2024-06-01T00:00:00Z,,31,0,suppressed
a4,PyPI jinja2,api:uv.lock,web,PyPI,low,true,,,2024-06-01T00:00:00Z,,7,0,withdrawn
a5,PyPI jinja2,api:uv.lock,,PyPI,low,true,,,2024-06-01T00:00:00Z,,40,0,open
";

#[test]
fn our_own_table_is_read_as_it_is() {
    let output = analyze(OWN, &["--format", "json"]);
    assert_exit(&output, 0);
    let overall = &json(&output)["summary"]["overall"];
    let expected = [
        ("n_rows", 4),
        ("n_upgraded", 1),
        ("n_removed", 1),
        ("n_suppressed", 1),
        ("n_open", 1),
        ("n_teams", 2),
    ];
    for (name, n) in expected {
        assert_eq!(overall[name], n, "{name}");
    }
    // Written again it is the same, byte for byte.
    let again = analyze(OWN, &["--format", "csv"]);
    assert_exit(&again, 0);
    assert_eq!(again.stdout, OWN);
    // It is the same metric, told in the same words.
    let summary = &json(&output)["summary"];
    assert_eq!(summary["definition"]["metric"], "time_to_fix");
    let of_codes = analyze(OWN, &["--format", "json", "--event", "removed"]);
    assert_eq!(json(&of_codes)["summary"]["definition"]["event"], "outcome is removed");
    // A team is selected by its name, not by how it is guarded.
    let of_team = analyze(OWN, &["--format", "json", "--where", "team=@org/pay"]);
    assert_eq!(json(&of_team)["rows"], 2);
}

#[test]
fn foreign_names_stay_text() {
    let table = b"time,st\x1b[31m,arm\n1,1,\x1b]0;x\x07\n2,0,<b>\n3,1,<b>\n";
    let flags = ["--status", "st\u{1b}[31m", "--arm", "arm", "--horizon", "1"];
    let text = stdout(&analyze(table, &flags));
    assert!(!text.contains('\u{1b}') && text.contains("log-rank"), "{text:?}");
    let page = stdout(&analyze(table, &[&flags[..], &["--format", "html"]].concat()));
    assert!(!page.contains("<b>") && !page.contains('\u{1b}'), "{page}");
}

#[test]
fn a_page_has_the_comparison() {
    let output = analyze(SMALL, &[ARMS, &["--format", "html"]].concat());
    assert_exit(&output, 0);
    let page = stdout(&output);
    assert!(page.starts_with("<!doctype html>") || page.starts_with("<!DOCTYPE html>"));
    assert!(page.contains("log-rank by team") && page.contains("cannot tell"), "{page}");
}
