//! `fixloop db update` against a server of this machine.

use std::io::Write;

use super::server::{Answer, Request, Server};
use super::*;

fn record(id: &str, modified: &str) -> String {
    format!(
        r#"{{"id": "{id}", "modified": "{modified}", "summary": "a test", "affected": [{{"package": {{"ecosystem": "npm", "name": "a"}},
        "ranges": [{{"type": "SEMVER", "events": [{{"introduced": "0"}}, {{"fixed": "2.0.0"}}]}}]}}]}}"#
    )
}

fn archive(records: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (id, modified) in records {
        writer.start_file(format!("{id}.json"), options).expect("memory");
        writer.write_all(record(id, modified).as_bytes()).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

const DAY_1: &str = "2026-01-01T00:00:00Z";
const DAY_2: &str = "2026-01-02T00:00:00Z";

/// Runs an update of npm alone, without urgency, into `folder`.
fn update(url: &str, folder: &Path, more: &[&str], variables: &[(&str, &str)]) -> Output {
    let index = folder.join("index");
    let mut command = Command::new(env!("CARGO_BIN_EXE_fixloop"));
    command.args(["db", "update", "--ecosystem", "npm", "--timeout", "1", "--url", url]);
    command.args(["--kev-url", "", "--epss-url", "", "--index"]).arg(&index).args(more);
    command.env_clear().envs(variables.iter().copied()).output().expect("the binary starts")
}

fn shown(output: &Output, server: &Server, folder: &Path) -> String {
    format!("{}{}", stdout(output), stderr(output))
        .replace(&server.url, "SERVER")
        .replace(folder.to_str().expect("a plain path"), "FOLDER")
}

fn n_records(folder: &Path) -> i64 {
    let index = folder.join("index");
    let info = fixloop(&[
        "db",
        "info",
        "--format",
        "json",
        "--index",
        index.to_str().expect("a plain path"),
    ]);
    json(&info)["records"].as_i64().expect("a number")
}

/// A bucket that answers conditional requests; `list` and `zip` are what lies there.
fn bucket(
    zip: Vec<u8>,
    zip_tag: &'static str,
    list: String,
    list_tag: &'static str,
) -> impl Fn(&Request) -> Answer + Send + 'static {
    move |request| {
        let conditional = |tag: &'static str, body: Vec<u8>| {
            if request.header("if-none-match") == Some(tag) {
                Answer::status(304)
            } else {
                Answer { tag: Some(tag), ..Answer::ok(body) }
            }
        };
        match &*request.target {
            "/npm/all.zip" => conditional(zip_tag, zip.clone()),
            "/npm/modified_id.csv" => conditional(list_tag, list.clone().into_bytes()),
            "/npm/B-2.json" => Answer::ok(record("B-2", DAY_2)),
            "/npm/A-2.json" => Answer::ok(record("A-2", DAY_2)),
            _ => Answer::status(404),
        }
    }
}

#[test]
fn only_what_changed_is_fetched() {
    let folder = folder(&[]);
    let first = archive(&[("A-1", DAY_1)]);
    let server = Server::start(bucket(first.clone(), "\"1\"", format!("{DAY_1},A-1\n"), "\"a\""));
    let output = update(&server.url, folder.path(), &[], &[]);
    assert_exit(&output, 0);
    assert_eq!(server.asked(), ["/npm/all.zip"]);
    insta::assert_snapshot!(shown(&output, &server, folder.path()), @"
    npm: 1 records (1 KiB fetched)
    read 1 records, 0 of them withdrawn (kept, not matched)
    wrote 1 records, 1 KiB: FOLDER/index
    ");
    // The list is asked for, holds nothing new, and is not sent again.
    assert_exit(&update(&server.url, folder.path(), &[], &[]), 0);
    let output = update(&server.url, folder.path(), &[], &[]);
    assert_eq!(server.asked(), ["/npm/modified_id.csv", "/npm/modified_id.csv"]);
    insta::assert_snapshot!(shown(&output, &server, folder.path()), @"
    npm: nothing new
    the index is up to date: FOLDER/index
    ");
    // One record more: it alone is fetched.
    let list = format!("{DAY_2},B-2\n{DAY_1},A-1\n");
    let server = Server::start(bucket(first, "\"1\"", list, "\"b\""));
    let output = update(&server.url, folder.path(), &[], &[]);
    assert_exit(&output, 0);
    assert_eq!(server.asked(), ["/npm/modified_id.csv", "/npm/B-2.json"]);
    assert!(stdout(&output).contains("npm: 1 record new or changed"), "{output:?}");
    assert_eq!(n_records(folder.path()), 2);
}

#[test]
fn records_that_are_gone_disappear() {
    let folder = folder(&[]);
    let names: Vec<String> = (0..3).map(|it| format!("A-{it}")).collect();
    let all: Vec<(&str, &str)> = names.iter().map(|it| (&**it, DAY_1)).collect();
    let server = Server::start(bucket(archive(&all), "\"1\"", String::new(), "\"a\""));
    assert_exit(&update(&server.url, folder.path(), &[], &[]), 0);
    assert_eq!(n_records(folder.path()), 3);
    let list = format!("{DAY_1},A-0\n");
    let server = Server::start(bucket(archive(&all[..1]), "\"2\"", list, "\"b\""));
    assert_exit(&update(&server.url, folder.path(), &[], &[]), 0);
    assert_eq!(server.asked(), ["/npm/modified_id.csv", "/npm/all.zip"]);
    assert_eq!(n_records(folder.path()), 1);
}

#[test]
fn a_download_that_broke_off_goes_on() {
    let zip = archive(&[("A-1", DAY_1), ("A-2", DAY_1)]);
    let (whole, cut) = (zip.clone(), 600);
    for honors_ranges in [true, false] {
        let folder = folder(&[]);
        let body = zip.clone();
        let server = Server::start(move |_| Answer {
            tag: Some("\"1\""),
            cut_after: Some(cut),
            ..Answer::ok(body.clone())
        });
        let output = update(&server.url, folder.path(), &[], &[]);
        assert_exit(&output, 2);
        assert!(stdout(&output).contains("broke off after"), "{output:?}");
        assert!(!folder.path().join("index").exists());
        let body = whole.clone();
        let server = Server::start(move |request| {
            assert_eq!(request.header("if-range"), Some("\"1\""));
            let start = request.header("range").and_then(|it| it.strip_prefix("bytes="));
            let start: usize = start.and_then(|it| it.strip_suffix('-')).unwrap().parse().unwrap();
            if honors_ranges {
                let content_range =
                    Some(format!("bytes {start}-{}/{}", body.len() - 1, body.len()));
                let body = body[start..].to_vec();
                Answer { status: 206, tag: Some("\"1\""), content_range, body, ..Answer::default() }
            } else {
                Answer { tag: Some("\"2\""), ..Answer::ok(body.clone()) }
            }
        });
        assert_exit(&update(&server.url, folder.path(), &[], &[]), 0);
        assert_eq!(n_records(folder.path()), 2, "ranges: {honors_ranges}");
    }
}

/// An update that fails keeps the index and says so.
#[track_caller]
fn check_kept(answer: impl Fn(&Request) -> Answer + Send + 'static, expected: &str) {
    let folder = folder(&[]);
    let good = archive(&[("A-1", DAY_1)]);
    let server = Server::start(bucket(good, "\"1\"", String::new(), "\"a\""));
    assert_exit(&update(&server.url, folder.path(), &[], &[]), 0);
    let before = fs::read(folder.path().join("index")).expect("there is an index");
    let server = Server::start(answer);
    let output = update(&server.url, folder.path(), &[], &[]);
    assert_exit(&output, 2);
    let text = shown(&output, &server, folder.path());
    assert!(text.contains(expected), "{text}");
    assert_eq!(fs::read(folder.path().join("index")).expect("there is an index"), before);
    // And the next one is none the worse.
    let better = archive(&[("A-1", DAY_1), ("A-2", DAY_2)]);
    let list = format!("{DAY_2},A-2\n");
    let server = Server::start(bucket(better, "\"3\"", list, "\"c\""));
    assert_exit(&update(&server.url, folder.path(), &[], &[]), 0);
    assert_eq!(n_records(folder.path()), 2);
}

#[test]
fn a_record_that_is_listed_and_gone_leads_to_the_archive() {
    let folder = folder(&[]);
    let zip = archive(&[("A-1", DAY_1)]);
    let server = Server::start(bucket(zip.clone(), "\"1\"", String::new(), "\"a\""));
    assert_exit(&update(&server.url, folder.path(), &[], &[]), 0);
    let server =
        Server::start(bucket(zip, "\"2\"", format!("{DAY_2},GONE-1\n{DAY_1},A-1\n"), "\"b\""));
    assert_exit(&update(&server.url, folder.path(), &[], &[]), 0);
    assert_eq!(server.asked(), ["/npm/modified_id.csv", "/npm/GONE-1.json", "/npm/all.zip"]);
}

/// Answers for the archive alone: a mirror without lists.
fn only_archive(answer: Answer) -> impl Fn(&Request) -> Answer + Send + 'static {
    move |request| match &*request.target {
        "/npm/all.zip" => answer.clone(),
        _ => Answer::status(404),
    }
}

#[test]
fn what_is_no_archive_changes_nothing() {
    check_kept(
        only_archive(Answer::ok("<html>Sign in</html>")),
        "it begins with `<html>Sign in</html>`",
    );
    let mut corrupt = archive(&[("A-1", DAY_1), ("A-2", DAY_1)]);
    corrupt[60] ^= 0xff;
    check_kept(only_archive(Answer::ok(corrupt)), "sent something else than expected");
    let mut truncated = archive(&[("A-1", DAY_1)]);
    truncated.truncate(200);
    check_kept(only_archive(Answer::ok(truncated)), "not a zip archive");
    check_kept(only_archive(Answer::ok(archive(&[]))), "the archive has no record");
    check_kept(only_archive(Answer::status(503)), "answered with status 503");
    check_kept(|_| Answer::ok("<html>"), "line 1 is not `time,id`");
}

#[test]
fn a_silent_server_is_given_up() {
    let answer = Answer { silent_after: Some(100), ..Answer::ok(archive(&[("A-1", DAY_1)])) };
    check_kept(only_archive(answer), "was silent for 1 seconds");
}

#[test]
fn redirects_end() {
    let answer =
        |_: &Request| Answer { location: Some("/again".to_owned()), ..Answer::status(302) };
    check_kept(answer, "failed to reach `SERVER/npm/modified_id.csv`");
}

#[test]
fn a_record_that_is_another_one_is_refused() {
    check_kept(
        |request: &Request| match &*request.target {
            "/npm/modified_id.csv" => Answer::ok(format!("{DAY_2},A-9\n{DAY_1},A-1\n")),
            _ => Answer::ok(record("A-8", DAY_2)),
        },
        "record `A-8`",
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_changes_nothing() {
    let folder = folder(&[("index.feed/npm/empty", b"")]);
    let partial = folder.path().join("index.feed/npm/all.zip.part");
    std::os::unix::fs::symlink("/dev/full", &partial).unwrap();
    let server = Server::start(only_archive(Answer::ok(archive(&[("A-1", DAY_1)]))));
    let output = update(&server.url, folder.path(), &[], &[]);
    assert_exit(&output, 2);
    assert!(stdout(&output).contains("No space left on device"), "{output:?}");
    assert!(!folder.path().join("index").exists());
}

#[test]
fn proxies_are_used_where_they_are_asked_for() {
    let folder = folder(&[]);
    let zip = archive(&[("A-1", DAY_1)]);
    let proxy = Server::start(move |request| {
        if request.target.ends_with("/npm/all.zip") {
            Answer::ok(zip.clone())
        } else {
            Answer::status(404)
        }
    });
    let variables = [("HTTPS_PROXY", &*proxy.url), ("HTTP_PROXY", &*proxy.url)];
    let output = update("http://osv.example", folder.path(), &[], &variables);
    assert_exit(&output, 0);
    assert!(proxy.asked().iter().any(|it| it.contains("osv.example")));
    // What is left out of it is asked itself.
    let direct = Server::start(|_| Answer::status(404));
    let variables =
        [("HTTP_PROXY", &*proxy.url), ("HTTPS_PROXY", &*proxy.url), ("NO_PROXY", "127.0.0.1")];
    update(&direct.url, folder.path(), &[], &variables);
    assert!(proxy.asked().is_empty());
    assert!(!direct.asked().is_empty());
}

#[test]
fn certificates_come_from_where_the_system_says() {
    let folder = folder(&[("none.pem", b"")]);
    let none = folder.path().join("none.pem");
    let server = Server::start(|_| Answer::status(404));
    let variables = [("SSL_CERT_FILE", none.to_str().unwrap())];
    let output = update(&server.url, folder.path(), &[], &variables);
    assert_exit(&output, 2);
    assert!(
        stdout(&output).contains("the certificates of this system cannot be read"),
        "{output:?}"
    );
}

#[test]
fn urgency_is_a_part_of_it() {
    let folder = folder(&[("project/package-lock.json", br#"{"lockfileVersion": 3, "packages": {"": {"dependencies": {"a": "1"}}, "node_modules/a": {"version": "1.0.0"}}}"#)]);
    let zip = archive(&[("CVE-2026-0001", DAY_1)]);
    let server = Server::start(move |request| match &*request.target {
        "/npm/all.zip" => Answer::ok(zip.clone()),
        "/kev" => Answer::ok(
            r#"{"dateReleased": "2026-11-20T00:00:00Z", "vulnerabilities": [{"cveID": "CVE-2026-0001", "dateAdded": "2026-02-03", "knownRansomwareCampaignUse": "Known"}]}"#,
        ),
        "/epss" => Answer::ok(
            "#score_date:2026-11-23T00:00:00Z\ncve,epss,percentile\nCVE-2026-0001,0.5,0.9\n",
        ),
        _ => Answer::status(404),
    });
    let (kev, epss) = (format!("{}/kev", server.url), format!("{}/epss", server.url));
    let more = ["--kev-url", &*kev, "--epss-url", &*epss];
    let index = folder.path().join("index");
    let mut arguments = vec![
        "db",
        "update",
        "--ecosystem",
        "npm",
        "--url",
        &server.url,
        "--index",
        index.to_str().unwrap(),
    ];
    arguments.extend(more);
    assert_exit(&fixloop(&arguments), 0);
    let project = folder.path().join("project");
    let (scan, _) = scan_json(&project, &["--index", index.to_str().unwrap()]);
    assert_eq!(scan["findings"][0]["exploited"]["since"], "2026-02-03");
    assert_eq!(scan["findings"][0]["probability"], 0.5);
    // What is not there does not take away what was.
    let gone = format!("{}/gone", server.url);
    let again = [
        "db",
        "update",
        "--ecosystem",
        "npm",
        "--url",
        &server.url,
        "--index",
        index.to_str().unwrap(),
        "--kev-url",
        &gone,
        "--epss-url",
        "",
    ];
    let output = fixloop(&again);
    assert_exit(&output, 2);
    let (scan, _) = scan_json(&project, &["--index", index.to_str().unwrap()]);
    assert_eq!(scan["findings"][0]["exploited"]["by_ransomware"], true);
}

#[test]
fn wrong_arguments_are_explained() {
    let check = |arguments: &[&str], expected: &str| {
        let output = fixloop(&[&["db", "update", "--index", "/nowhere/index"], arguments].concat());
        assert_exit(&output, 2);
        assert!(stderr(&output).contains(expected), "{output:?}");
    };
    check(&["--ecosystem", "NPM"], "did you mean `npm`?");
    check(&["--ecosystem", "nmp"], "among others there are");
    check(&["--url", "osv.example"], "is no address");
    check(&["--timeout", "0"], "0 is not in 1..=3600");
}
