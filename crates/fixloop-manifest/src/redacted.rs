//! Lines of files that are shown to people, without what is nobody's business.
//!
//! Configuration of package managers holds passwords and tokens more often than one would think, and evidence goes to logs, to reports
//! and to other teams. What looks like a secret is replaced, rather once too often: of a line only what stands before it remains.

const HIDDEN: &str = "***";

/// What names of secrets end with, lower case.
const SECRET_NAMES: &[&str] = &[
    "_auth",
    "accesskey",
    "access-key",
    "access_key",
    "accountkey",
    "apikey",
    "api-key",
    "api_key",
    "authorization",
    "credential",
    "credentials",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "private-key",
    "private_key",
    "pwd",
    "secret",
    "secretkey",
    "secret_key",
    "sharedaccesssignature",
    "sig",
    "signature",
    "token",
];

/// What tokens of well-known services start with.
const TOKEN_STARTS: &[&str] = &[
    "AKIA",
    "ASIA",
    "eyJ",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "npm_",
    "oy2",
    "pypi-",
    "sk_live_",
    "xoxb-",
    "xoxp-",
];

/// Longer than any word that happens to start like one.
const MIN_TOKEN: usize = 20;

/// `line` with secrets replaced by `***`: users and passwords of addresses, what follows the name of a secret, and known tokens.
pub fn redacted(line: &str) -> String {
    let line = without_secret_values(line);
    let mut out = String::with_capacity(line.len());
    let mut rest = &*line;
    let is_address = |it: char| !(it.is_whitespace() || "\"'<>`".contains(it));
    while let Some(start) = rest.find(is_address) {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let end = from.find(|it: char| !is_address(it)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        out.push_str(&without_tokens(&addresses_of(word)));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A run of characters without blanks and quotes, without the users and passwords of addresses in it. One without a scheme counts as well:
/// messages of parsers quote halves. `git@` is no secret, and part of how such addresses are known.
fn addresses_of(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(at) = rest.find("//") {
        let (before, behind) = rest.split_at(at + "//".len());
        let end = behind.find(['/', '?', '#']).unwrap_or(behind.len());
        let (authority, others) = behind.split_at(end);
        out.push_str(before);
        out.push_str(match authority.rsplit_once('@') {
            Some((user, host)) if user != "git" => host,
            _ => authority,
        });
        rest = others;
    }
    out.push_str(rest);
    out
}

fn without_tokens(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(start) = rest.find(is_word) {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let end = from.find(|it| !is_word(it)).unwrap_or(from.len());
        let (token, after) = from.split_at(end);
        let is_known = TOKEN_STARTS.iter().any(|it| token.starts_with(it));
        out.push_str(if is_known && token.len() >= MIN_TOKEN { HIDDEN } else { token });
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_word(it: char) -> bool {
    it.is_ascii_alphanumeric() || it == '_' || it == '-'
}

/// The line up to the value of the first name of a secret.
fn without_secret_values(line: &str) -> String {
    let mut at = 0;
    while let Some(start) = line[at..].find(is_word).map(|it| at + it) {
        let end = line[start..].find(|it| !is_word(it)).map_or(line.len(), |it| start + it);
        let word = line[start..end].to_ascii_lowercase();
        if is_secret_name(&word)
            && let Some(value) = value_start(&line[end..], word.starts_with("--"))
        {
            let value = end + value;
            // A reference to a secret that is kept elsewhere is none.
            let is_reference = line[value..].trim_start_matches(['"', '\'']).starts_with('$');
            if !is_reference && !line[value..].trim().is_empty() {
                return format!("{}{HIDDEN}", &line[..value]);
            }
        }
        at = end;
    }
    line.to_owned()
}

/// Whether a name, in lower case, is one of a secret: it ends as one, or has a part before a `_`, a `-` or a digit that does
/// (`token_of_ci`, `PASSWORD2`).
fn is_secret_name(word: &str) -> bool {
    let is_boundary = |(_, it): &(usize, char)| matches!(it, '_' | '-' | '0'..='9');
    let ends = word.char_indices().filter(is_boundary).map(|it| it.0).chain([word.len()]);
    let mut names = ends.map(|end| &word[..end]);
    // `sig` and `pwd` are names, and the ends of many.
    names.any(|name| {
        SECRET_NAMES
            .iter()
            .any(|it| name.strip_suffix(it).is_some_and(|before| it.len() > 3 || before.is_empty()))
    })
}

/// Where the value begins behind a name: `=`, `:` or `>` with blanks and quotes around them, or for an option a blank.
///
/// `" value="` stands between the name and the value of `NuGet`'s passwords.
fn value_start(rest: &str, is_option: bool) -> Option<usize> {
    let behind_quote = rest.trim_start_matches(['"', '\'']);
    let trimmed = behind_quote.trim_start();
    let trimmed = if behind_quote.len() < rest.len() {
        trimmed.strip_prefix("value").map_or(trimmed, str::trim_start)
    } else {
        trimmed
    };
    let is_separated = trimmed.starts_with(['=', ':', '>']);
    if !is_separated {
        let has_blank = rest.starts_with([' ', '\t']);
        return (is_option && has_blank).then_some(rest.len() - rest.trim_start().len());
    }
    let value = trimmed.trim_start_matches(['=', ':', '>']).trim_start();
    let value = value.trim_start_matches(['"', '\'']);
    Some(rest.len() - value.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        assert_eq!(redacted(line), expected);
    }

    #[test]
    fn secrets_are_not_shown() {
        check("//npm.corp.example/:_authToken=abc", "//npm.corp.example/:_authToken=***");
        check("_auth = \"aGk6\"", "_auth = \"***");
        check("  password: hunter2 # old", "  password: ***");
        check("\"npmAuthToken\": \"abc\",", "\"npmAuthToken\": \"***");
        check("<password>abc</password>", "<password>***");
        check(
            "<add key=\"ClearTextPassword\" value=\"abc\" />",
            "<add key=\"ClearTextPassword\" value=\"***",
        );
        check("run: twine --password abc", "run: twine --password ***");
        check(
            "--extra-index-url https://me:abc@pip.corp.example/simple",
            "--extra-index-url https://pip.corp.example/simple",
        );
        check(
            "index=https://a:b@x.example/,https://c:d@y.example/z",
            "index=https://x.example/,https://y.example/z",
        );
        check("url = \"https://x.example/?sig=abc\"", "url = \"https://x.example/?sig=***");
        check("x: ghp_0123456789012345678901234567", "x: ***");
        check("Authorization: Bearer abc", "Authorization: ***");
        check("CI_TOKEN_OF_FEEDS=abc", "CI_TOKEN_OF_FEEDS=***");
        check("PASSWORD2: abc", "PASSWORD2: ***");
        check("`//me:abc@x.example/a` is no attribute", "`//x.example/a` is no attribute");
        check("https://me:a=b,c@x.example/a", "https://x.example/a");
        check("https://x.example/https://me:abc@y.example", "https://x.example/https://y.example");
    }

    #[test]
    fn what_is_no_secret_is_kept() {
        for line in [
            "registry=https://npm.corp.example/a@1",
            "    \"node_modules/js-tokens\": {",
            "token: ${{ secrets.NPM_TOKEN }}",
            "//npm.corp.example/:_authToken=${NPM_TOKEN}",
            "uses: a/b@v1 # no password here",
            "url = ssh://git@x.example/a",
            "design: flat",
            "",
        ] {
            check(line, line);
        }
    }

    proptest! {
        #[test]
        fn any_line_is_read(line in "\\PC{0,60}|([a-zé]{0,3}(://|@|:|=|\"| |token|--password|ghp_))*") {
            let _ = redacted(&line);
        }

        #[test]
        fn a_password_of_an_address_is_never_left(user in "[a-z]{1,5}", secret in "[A-Z]{12}") {
            let line = format!("x = [\"https://{user}:{secret}@h.example/p\", 'y']");
            prop_assert!(!redacted(&line).contains(&secret));
        }
    }
}
