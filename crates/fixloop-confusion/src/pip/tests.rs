use crate::testing::{self, summaries};

const EXTRA: &str = "--extra-index-url https://u:secret@pypi.corp.example/simple";

#[track_caller]
fn check(files: &[(&str, &str)], expected: &str) {
    testing::check("pip", files, expected);
}

#[track_caller]
fn requirements(text: &str, expected: &str) {
    check(&[("requirements.txt", text)], expected);
}

#[test]
fn requirements_files() {
    requirements("a==1\n", "");
    requirements(
        &format!("{EXTRA}\na==1\n"),
        "mixed high requirements.txt:1 --extra-index-url https://pypi.corp.example/simple",
    );
    requirements(
        "-i https://pypi.corp.example/simple\n--extra-index-url=https://anything.pypi.org/simple",
        "mixed high requirements.txt:1 -i https://pypi.corp.example/simple",
    );
    requirements(
        "--index-url https://pypi.corp.example/simple\na==1",
        "safe requirements.txt:1 --index-url https://pypi.corp.example/simple",
    );
    requirements(
        &format!("{EXTRA}\na==1 \\\n    --hash=sha256:0\n"),
        "mixed medium requirements.txt:1 --extra-index-url https://pypi.corp.example/simple",
    );
    requirements(
        "--find-links ./wheels\na",
        "mixed medium requirements.txt:1 --find-links ./wheels",
    );
    requirements(
        "--index-url \"https://a.example/s\" --trusted-host a.example\na",
        "safe requirements.txt:1 --index-url \"https://a.example/s\" --trusted-host a.example",
    );
    requirements("--no-index\n-f ./wheels\na", "safe requirements.txt:2 -f ./wheels");
    requirements(
        "--extra-index-url ${FEED}",
        "unknown requirements.txt:1 --extra-index-url ${FEED}",
    );
    requirements(
        "-i https://a.example/\n--extra-index-url https://b.example/",
        "unknown requirements.txt:2 --extra-index-url https://b.example/",
    );
    // pip forgets what was before an index of the file.
    requirements(
        &format!("{EXTRA}\n-i https://pypi.corp.example/simple"),
        "safe requirements.txt:2 -i https://pypi.corp.example/simple",
    );
}

#[test]
fn what_is_pulled_in_counts() {
    check(
        &[
            ("requirements/dev.txt", "-r base.txt\n-i https://pypi.corp.example/simple\n"),
            (
                "requirements/base.txt",
                "--extra-index-url https://anything.pypi.org/simple\n-r dev.txt\n",
            ),
        ],
        // Alone, the base asks the public registry twice; from `dev.txt`, its extra index is forgotten.
        "safe requirements/dev.txt:2 -i https://pypi.corp.example/simple",
    );
    check(
        &[("requirements.txt", "-r base.requirements.txt\na"), ("base.requirements.txt", EXTRA)],
        "mixed high base.requirements.txt:1 --extra-index-url https://pypi.corp.example/simple",
    );
}

#[test]
fn what_is_pulled_in_and_not_read_is_unknown() {
    requirements(
        "-r https://a.example/base.txt\n",
        "unknown requirements.txt:1 -r https://a.example/base.txt",
    );
    requirements("-r ../../base.txt\n", "unknown requirements.txt:1 -r ../../base.txt");
    requirements("-r gone.txt\n", "");
    let files = [("requirements.txt", "-c limits.inc\n"), ("limits.inc", "\0")];
    assert_eq!(summaries(&files), "unknown: pip: `limits.inc` cannot be read: no UTF-8\n");
}

#[test]
fn configuration_files() {
    let conf = |text: &str, expected: &str| check(&[("ci/pip.conf", text)], expected);
    conf("[global]\ntimeout = 60\n", "");
    conf(
        "[global]\nindex-url = https://u:p@pypi.corp.example/simple\n",
        "safe ci/pip.conf:2 index-url = https://pypi.corp.example/simple",
    );
    conf(
        "[global]\nextra-index-url =\n    https://anything.pypi.org/simple\n    https://pypi.corp.example/simple\n",
        "mixed high ci/pip.conf:4 https://pypi.corp.example/simple",
    );
    conf(
        "[global]\nindex_url = https://a.example\n[install]\nextra-index-url = https://x.pypi.org/\n",
        "mixed high ci/pip.conf:2 index_url = https://a.example",
    );
    conf(
        "[global]\nindex-url = https://x.pypi.org/\n[install]\nindex-url = https://a.example\n",
        "safe ci/pip.conf:4 index-url = https://a.example",
    );
    conf(
        "[global]\nindex-url = https://a.example\nindex-url = https://b.example\n",
        "unknown ci/pip.conf:3 index-url = https://b.example",
    );
    conf("[global]\nnonsense\n", "unknown ci/pip.conf:2 nonsense");
    conf("\0", "unknown ci/pip.conf pip: `ci/pip.conf` cannot be read: no UTF-8");
}

#[test]
fn variables_and_commands() {
    let docker = |text: &str, expected: &str| check(&[("Dockerfile", text)], expected);
    docker(
        "FROM a\nENV PIP_EXTRA_INDEX_URL=https://pypi.corp.example/simple\n",
        "mixed high Dockerfile:2 ENV PIP_EXTRA_INDEX_URL=https://pypi.corp.example/simple",
    );
    docker(
        "ENV PIP_INDEX_URL https://pypi.corp.example/simple\nRUN pip install -r r.txt\n",
        "safe Dockerfile:1 ENV PIP_INDEX_URL https://pypi.corp.example/simple",
    );
    docker(
        "ENV PIP_INDEX_URL=https://a.example\nRUN apt update && \\\n  pip install --extra-index-url https://x.pypi.org/simple corp\n",
        "mixed high Dockerfile:1 ENV PIP_INDEX_URL=https://a.example",
    );
    docker("ARG PIP_INDEX_URL\nRUN pip install corp", "unknown Dockerfile:1 ARG PIP_INDEX_URL");
    docker("# pip install --extra-index-url https://a.example\n", "");
    check(
        &[(
            ".gitlab-ci.yml",
            "variables:\n  PIP_EXTRA_INDEX_URL: \"https://u:p@a.example/simple\" # internal\n",
        )],
        "mixed high .gitlab-ci.yml:2 PIP_EXTRA_INDEX_URL: \"https://a.example/simple\" # internal",
    );
    check(
        &[(
            ".github/workflows/ci.yml",
            "    env:\n      PIP_EXTRA_INDEX_URL: ${{ secrets.FEED }}\n    steps:\n      - run: python -m pip install --require-hashes -r r.txt --extra-index-url https://a.example\n",
        )],
        "unknown .github/workflows/ci.yml:2 PIP_EXTRA_INDEX_URL: ${{ secrets.FEED }}\n\
         mixed medium .github/workflows/ci.yml:4 - run: python -m pip install --require-hashes -r r.txt --extra-index-url https://a.example",
    );
}

#[test]
fn words() {
    insta::assert_snapshot!(summaries(&[
        ("requirements.txt", EXTRA),
        ("ci/requirements.txt", &format!("{EXTRA}\na --hash=sha256:0")),
        ("pip.conf", "[global]\nindex-url = https://pypi.corp.example\n"),
        ("Dockerfile", "ENV PIP_EXTRA_INDEX_URL=$FEED"),
    ]), @r"
    unknown: pip: no file says which source `$FEED` is
    mixed: pip: `pypi.corp.example` and the public registry can answer for the same name, and the highest version wins; hashes in `ci/requirements.txt` admit only files that were seen before
    safe: pip: `pypi.corp.example` is the only source
    mixed: pip: `pypi.corp.example` and the public registry can answer for the same name, and the highest version wins
    ");
}
