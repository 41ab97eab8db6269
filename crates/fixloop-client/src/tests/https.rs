//! A bundle behind an address of this machine.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use fixloop_policy::MAX_BYTES;

use super::{at, public, signed, stands};
use crate::{Policy, PolicySource};

/// Answers so many requests, each with its own bytes; gives what was asked for by which tag.
fn server(answers: Vec<Vec<u8>>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/bundle.json", listener.local_addr().unwrap());
    let serve = move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let head: Vec<String> =
                lines.map(Result::unwrap).take_while(|it| !it.is_empty()).collect();
            let tag = head.iter().find(|it| it.to_lowercase().starts_with("if-none-match:"));
            asked.push(tag.map_or("whole", |it| it.split_once(": ").unwrap().1).to_owned());
            // A client that has read enough hangs up.
            if stream.write_all(&answer).is_err() {}
        }
        asked
    };
    (url, std::thread::spawn(serve))
}

fn ok(tag: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\netag: {tag}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn status(line: &str) -> Vec<u8> {
    format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").into_bytes()
}

fn opened(url: &str, cache: &tempfile::TempDir, hours: i64) -> Policy {
    let source = PolicySource::read(url).unwrap();
    Policy::open(source, public(), Some(cache.path()), at(hours))
}

/// What counts after each look at these hours, and what was said.
fn polls(policy: &mut Policy, url: &str, hours: &[i64]) -> String {
    let host = url.trim_end_matches("/bundle.json");
    let poll = |hour: &i64| {
        let polled = policy.poll(at(*hour));
        let said = polled.notice.map(|it| format!("\n    {}", it.replace(host, "HOST")));
        format!("{}{}", stands(policy.standing()), said.unwrap_or_default())
    };
    hours.iter().map(poll).collect::<Vec<_>>().join("\n")
}

#[test]
fn only_what_is_new_is_sent() {
    let cache = tempfile::tempdir().unwrap();
    let answers = vec![
        ok("\"a\"", &signed(7)),
        status("304 Not Modified"),
        ok("\"b\"", &signed(8)),
        // Refused: the next look asks for the whole again.
        ok("\"c\"", &signed(6)),
        ok("\"b\"", &signed(8)),
        status("304 Not Modified"),
    ];
    let (url, server) = server(answers);
    let mut policy = opened(&url, &cache, 1);
    let mut said = polls(&mut policy, &url, &[1, 2, 3, 4, 5]);
    // After a restart it asks for news only, and trusts what it has until then.
    let mut policy = opened(&url, &cache, 6);
    said = format!("{said}\n{}\n{}", stands(policy.standing()), polls(&mut policy, &url, &[6]));
    insta::assert_snapshot!(said, @"
    version 7
    version 7
    version 8
    not_believed, refused
        fixloop shows no alerts and only observes: the policy bundle is version 6, but version 8 was seen before: an older one is never taken back
    version 8
    version 8
    version 8
    ");
    let asked = server.join().unwrap();
    assert_eq!(asked, ["whole", "\"a\"", "\"a\"", "\"b\"", "whole", "\"b\""]);
    assert_eq!(policy.interval().as_secs(), 60);
}

#[test]
fn a_server_that_is_gone_leaves_the_last_bundle_for_a_day() {
    let cache = tempfile::tempdir().unwrap();
    let answers = vec![
        ok("\"a\"", &signed(7)),
        status("500 Internal Server Error"),
        status("404 Not Found"),
        status("403 Forbidden"),
        status("304 Not Modified"),
    ];
    let (url, server) = server(answers);
    let mut policy = opened(&url, &cache, 1);
    insta::assert_snapshot!(polls(&mut policy, &url, &[1, 2, 25, 26, 27]), @"
    version 7
    version 7
    stale
        fixloop shows no alerts and only observes: the policy bundle was not confirmed for 24 hours: `HOST/bundle.json` answered with status 404
    stale
    version 7
    ");
    server.join().unwrap();
}

#[test]
fn what_no_bundle_can_be_is_not_read() {
    let cache = tempfile::tempdir().unwrap();
    let redirect = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let answers = vec![redirect.as_bytes().to_vec(), ok("\"a\"", &vec![b' '; MAX_BYTES + 2])];
    let (url, server) = server(answers);
    let said = polls(&mut opened(&url, &cache, 1), &url, &[1]);
    let large = polls(&mut opened(&url, &cache, 1), &url, &[1]);
    insta::assert_snapshot!(format!("{said}\n{large}"), @"
    not_believed
        fixloop shows no alerts and only observes: there is no policy bundle: `HOST/bundle.json` answered with status 302
    not_believed
        fixloop shows no alerts and only observes: there is no policy bundle: `HOST/bundle.json` is larger than 8388608 bytes: not read
    ");
    server.join().unwrap();
}
