//! `fixloop explain` with the starter index.

use super::*;

fn explained(arguments: &[&str]) -> String {
    let output = fixloop(&[&["explain"], arguments].concat());
    assert_exit(&output, 0);
    stdout(&output)
}

#[test]
fn a_record_is_explained_by_any_of_its_ids() {
    insta::assert_snapshot!(explained(&["cve-2021-44906"]), @"
    CVE-2021-44906 GHSA-xvch-5gv4-984h
      GHSA-xvch-5gv4-984h  published 2022-03-18  modified 2025-01-14
        setKey can be made to write to the prototype of functions
        https://nvd.nist.gov/vuln/detail/CVE-2021-44906
      GHSA-xvch-5gv4-984h  npm minimist  critical 9.8 (CVSS 3.1, CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H)
        >= 1.0.0, < 1.2.6
      GHSA-xvch-5gv4-984h  npm minimist  critical 9.8 (CVSS 3.1, CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H)
        < 0.2.4
    ");
    assert_eq!(explained(&["GHSA-xvch-5gv4-984h"]), explained(&["CVE-2021-44906"]));
}

#[test]
fn a_version_is_explained_with_the_rule_that_decided() {
    insta::assert_snapshot!(explained(&["pkg:npm/minimist@0.2.2"]), @"
    npm minimist
      GHSA-vh95-rmgr-6w4m  medium 5.6 (CVSS 3.1, CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:L/A:L)
        < 0.2.1
        not affected: `0.2.2` lies in none of these
      GHSA-vh95-rmgr-6w4m  medium 5.6 (CVSS 3.1, CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:L/A:L)
        >= 1.0.0, < 1.2.3
        not affected: `0.2.2` lies in none of these
      GHSA-xvch-5gv4-984h  critical 9.8 (CVSS 3.1, CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H)
        >= 1.0.0, < 1.2.6
        not affected: `0.2.2` lies in none of these
      GHSA-xvch-5gv4-984h  critical 9.8 (CVSS 3.1, CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H)
        < 0.2.4
        affected: `0.2.2` lies in < 0.2.4
      the nearest version that clears all: 0.2.4
    ");
    insta::assert_snapshot!(explained(&["pkg:pypi/JINJA2@3.0.0"]), @"
    PyPI JINJA2, looked up as `jinja2`
      PYSEC-2019-217
        < 2.10.1
        not affected: `3.0.0` lies in none of these
    ");
    insta::assert_snapshot!(explained(&["pkg:npm/minimist@main"]), @"
    npm minimist
      GHSA-vh95-rmgr-6w4m  medium 5.6 (CVSS 3.1, CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:L/A:L)
        < 0.2.1
        cannot be decided: version `main` does not follow its ecosystem's scheme
      GHSA-vh95-rmgr-6w4m  medium 5.6 (CVSS 3.1, CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:L/A:L)
        >= 1.0.0, < 1.2.3
        cannot be decided: version `main` does not follow its ecosystem's scheme
      GHSA-xvch-5gv4-984h  critical 9.8 (CVSS 3.1, CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H)
        >= 1.0.0, < 1.2.6
        cannot be decided: version `main` does not follow its ecosystem's scheme
      GHSA-xvch-5gv4-984h  critical 9.8 (CVSS 3.1, CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H)
        < 0.2.4
        cannot be decided: version `main` does not follow its ecosystem's scheme
    ");
}

#[test]
fn one_record_about_one_package() {
    insta::assert_snapshot!(explained(&["CVE-2020-7598", "pkg:npm/minimist@1.2.5"]), @"
    CVE-2020-7598 GHSA-vh95-rmgr-6w4m
      GHSA-vh95-rmgr-6w4m  published 2020-04-03  modified 2025-01-14
        Parsing arguments such as --__proto__.x changes Object.prototype
        https://nvd.nist.gov/vuln/detail/CVE-2020-7598
    npm minimist
      GHSA-vh95-rmgr-6w4m  medium 5.6 (CVSS 3.1, CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:L/A:L)
        < 0.2.1
        not affected: `1.2.5` lies in none of these
      GHSA-vh95-rmgr-6w4m  medium 5.6 (CVSS 3.1, CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:L/A:L)
        >= 1.0.0, < 1.2.3
        not affected: `1.2.5` lies in none of these
    ");
    insta::assert_snapshot!(explained(&["CVE-2020-7598", "pkg:npm/lodash@1.2.5"]), @"
    CVE-2020-7598 GHSA-vh95-rmgr-6w4m
      GHSA-vh95-rmgr-6w4m  published 2020-04-03  modified 2025-01-14
        Parsing arguments such as --__proto__.x changes Object.prototype
        https://nvd.nist.gov/vuln/detail/CVE-2020-7598
    npm lodash
      the record does not name this package in npm
    ");
}

#[test]
fn what_is_not_known_is_said() {
    let check = |arguments: &[&str], expected: &str| {
        let output = fixloop(&[&["explain"], arguments].concat());
        assert_exit(&output, 2);
        assert!(stderr(&output).contains(expected), "{output:?}");
    };
    check(&["CVE-1999-9999"], "the index has no record `CVE-1999-9999` among 106");
    check(&["pkg:npm"], "`pkg:npm` is no package URL");
    check(&["CVE-2020-7598", "minimist"], "`minimist` is no package URL");
    assert!(
        explained(&["pkg:npm/no-such-package"]).contains("no record names this package in npm")
    );
}
