use crate::testing::{self, summaries};

#[track_caller]
fn check(text: &str, expected: &str) {
    testing::check("go", &[("Dockerfile", text)], expected);
}

#[test]
fn proxies_and_private_hosts() {
    check("ENV CGO_ENABLED=0\n", "");
    check("ENV GOPROXY=https://anything.golang.org,direct\n", "");
    check(
        "ENV GOPRIVATE=git.corp.example/*\n",
        "safe Dockerfile:1 ENV GOPRIVATE=git.corp.example/*",
    );
    check(
        "ENV GOPROXY=https://go.corp.example\n",
        "safe Dockerfile:1 ENV GOPROXY=https://go.corp.example",
    );
    check("ENV GOPROXY=$PROXY\n", "unknown Dockerfile:1 ENV GOPROXY=$PROXY");
    check("ARG GOPRIVATE\n", "unknown Dockerfile:1 ARG GOPRIVATE");
}

#[test]
fn leaks_are_told() {
    insta::assert_snapshot!(summaries(&[
        ("a/go.env", "GOPRIVATE=git.corp.example\n"),
        ("b/go.env", "GOPROXY=https://go.corp.example\n"),
        ("c/go.env", "GOPROXY=https://go.corp.example\nGOSUMDB=off\n"),
        ("d/go.env", "GOPROXY=https://go.corp.example,https://anything.golang.org\n"),
        ("e/go.env", "GONOSUMDB=git.corp.example\n"),
    ]), @r"
    safe: go: module names are addresses, and private ones are told to nobody
    safe: go: module names are addresses, so nothing is mixed; but a leak: private ones are told to the public checksum database, for want of `GOPRIVATE`
    safe: go: module names are addresses, and private ones are told to nobody
    safe: go: module names are addresses, so nothing is mixed; but a leak: private ones are told to the public proxy and checksum database, for want of `GOPRIVATE`
    safe: go: module names are addresses, so nothing is mixed; but a leak: private ones are told to the public proxy, for want of `GOPRIVATE`
    ");
}
