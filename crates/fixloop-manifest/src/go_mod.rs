//! Reads `go.mod`.
//!
//! Format: <https://go.dev/ref/mod#go-mod-file>. A module that is replaced by another one is that other one, under the required
//! module's path as alias; a replacement by a folder is a path. A version that `exclude` takes out is not the one that is used: that is
//! the next higher one, which is not in the file. A `toolchain` line requires at least that version of Go, of which advisories speak as
//! `stdlib`; which one builds is not in the file, so it stays a requirement. `retract`, `tool` and the like name no components, nor
//! does the `go` line, which is about the language.
//!
//! What the file does not tell: scopes, who needs an indirect module, and which proxy serves a module: all count as the public one's.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Reach, Scope, Source, Span};

use crate::excerpt::excerpt;
use crate::limits::within_limit;

/// A word of a line, without quotes.
#[derive(Clone, Copy)]
struct Word<'a> {
    text: &'a str,
    span: Span,
}

struct Require<'a> {
    path: Word<'a>,
    version: Word<'a>,
    is_indirect: bool,
}

struct Replacement<'a> {
    path: Word<'a>,
    version: Option<Word<'a>>,
}

#[derive(Default)]
struct Reader<'a> {
    /// The directive of the block that is open.
    block: Option<&'a str>,
    has_directive: bool,
    requires: Vec<Require<'a>>,
    /// By required path and version; without a version for all of them.
    replacements: HashMap<(&'a str, Option<&'a str>), Replacement<'a>>,
    excluded: HashSet<(&'a str, &'a str)>,
    toolchain: Option<Word<'a>>,
    problems: Vec<Problem>,
}

const DIRECTIVES_WITHOUT_COMPONENTS: &[&str] =
    &["module", "go", "godebug", "retract", "tool", "ignore"];

pub fn parse(text: &str) -> Parsed {
    let mut reader = Reader::default();
    let mut offset = 0;
    let (text, cut) = within_limit(text);
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches('\u{feff}');
        reader.line(content, offset + line.len() - content.len());
        offset += line.len();
    }
    reader.problems.extend(cut);
    reader.finish(offset)
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a str, start: usize) {
        let (code, comment) = line.split_once("//").unwrap_or((line, ""));
        // An address as a path has `//` in it, but then it is quoted or no module path at all.
        let words = words(code, start);
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return };
        let span = Span { start: first.span.start, end: last.span.end };
        let (directive, arguments) = match self.block {
            Some(_) if first.text == ")" => return self.block = None,
            Some(directive) => (directive, &words[..]),
            None => (first.text, &words[1..]),
        };
        if self.block.is_none() && arguments.first().is_some_and(|it| it.text == "(") {
            self.block = Some(directive);
            if arguments.len() == 1 {
                return self.known(directive, span);
            }
        }
        if arguments.first().is_some_and(|it| it.text == "(" || it.text == ")") {
            // `require ()` on one line.
            return self.block = None;
        }
        match directive {
            "require" => self.require(arguments, comment, span),
            "replace" => self.replace(arguments, span),
            "exclude" => match *arguments {
                [path, version] => drop(self.excluded.insert((path.text, version.text))),
                _ => self.problem(span, "expected a module path and a version".to_owned()),
            },
            "toolchain" => self.toolchain = arguments.first().copied(),
            // Whether the block is known was said where it opened.
            _ if self.block.is_some() => return,
            _ => return self.known(directive, span),
        }
        self.has_directive = true;
    }

    fn known(&mut self, directive: &str, span: Span) {
        let is_known = matches!(directive, "require" | "replace" | "exclude" | "toolchain")
            || DIRECTIVES_WITHOUT_COMPONENTS.contains(&directive);
        if is_known {
            self.has_directive = true;
        } else {
            let reason = format!("the directive `{}` is not known", excerpt(directive));
            self.problem(span, reason);
        }
    }

    fn require(&mut self, arguments: &[Word<'a>], comment: &str, span: Span) {
        let [path, version] = *arguments else {
            return self.problem(span, "expected a module path and a version".to_owned());
        };
        let comment = comment.trim();
        let is_indirect = comment == "indirect" || comment.starts_with("indirect;");
        self.requires.push(Require { path, version, is_indirect });
    }

    fn replace(&mut self, arguments: &[Word<'a>], span: Span) {
        let arrow = arguments.iter().position(|it| it.text == "=>");
        let (left, right) = match arrow {
            Some(arrow) => (&arguments[..arrow], &arguments[arrow + 1..]),
            None => (arguments, &[][..]),
        };
        let (old, old_version) = match *left {
            [old] => (old, None),
            [old, version] => (old, Some(version.text)),
            _ => return self.problem(span, "expected `old => new`".to_owned()),
        };
        let replacement = match *right {
            [path] => Replacement { path, version: None },
            [path, version] => Replacement { path, version: Some(version) },
            _ => return self.problem(span, "expected a replacement behind `=>`".to_owned()),
        };
        self.replacements.insert((old.text, old_version), replacement);
    }

    fn problem(&mut self, span: Span, reason: String) {
        self.problems.push(Problem { span, reason, whole_file: false });
    }

    fn finish(mut self, end: usize) -> Parsed {
        if self.block.is_some() {
            let reason = "the text ends inside a block".to_owned();
            self.problems.push(Problem { span: Span::new(end, end), reason, whole_file: true });
        }
        if !self.has_directive
            && let Some(first) = self.problems.first_mut()
        {
            first.whole_file = true;
        }
        let required = self.requires.iter().map(|it| self.component(it));
        let components = required.chain(self.toolchain.and_then(toolchain)).collect();
        Parsed { components, problems: self.problems }
    }

    fn component(&self, require: &Require<'a>) -> Component {
        let by_version = self.replacements.get(&(require.path.text, Some(require.version.text)));
        let replacement = by_version.or_else(|| self.replacements.get(&(require.path.text, None)));
        let (path, version, source) = match replacement {
            Some(Replacement { path, version: Some(version) }) => {
                (*path, *version, Source::PublicRegistry)
            }
            // Without a version a replacement is a folder.
            Some(Replacement { path, version: None }) => {
                (require.path, require.version, Source::Path { path: Some(path.text.to_owned()) })
            }
            None => (require.path, require.version, Source::PublicRegistry),
        };
        let is_excluded = self.excluded.contains(&(path.text, version.text));
        let is_fixed = is_version(version.text) && !is_excluded;
        let text = version.text.to_owned();
        Component {
            version: is_fixed.then(|| text.clone()),
            requirement: (!is_fixed).then_some(text),
            source,
            alias: (path.text != require.path.text).then(|| require.path.text.to_owned()),
            reach: if require.is_indirect {
                Reach::Transitive { via: None }
            } else {
                Reach::Direct
            },
            version_span: Some(version.span),
            ..Component::new(Ecosystem::GO, path.text, path.span)
        }
    }
}

/// `go1.22.3`; `default` and names of own toolchains say no version.
fn toolchain(name: Word<'_>) -> Option<Component> {
    let version = name.text.strip_prefix("go")?;
    if !version.starts_with(|it: char| it.is_ascii_digit()) {
        return None;
    }
    Some(Component {
        requirement: Some(name.text.to_owned()),
        version_span: Some(name.span),
        source: Source::PublicRegistry,
        reach: Reach::Direct,
        scope: Some(Scope::Build),
        ..Component::new(Ecosystem::GO, "stdlib", name.span)
    })
}

/// Whether it is a version and not a branch or a commit, which `go` resolves at its next run.
fn is_version(text: &str) -> bool {
    text.strip_prefix('v').is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit()))
}

/// Words between blanks; parentheses stand alone, quotes are taken off.
fn words(code: &str, start: usize) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = code;
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else { return words };
        let at = start + code.len() - rest.len();
        let quoted = matches!(first, '"' | '`').then(|| rest[1..].find(first)).flatten();
        let (skip, len, end) = match (quoted, first) {
            (Some(len), _) => (1, len, len + 2),
            (None, '(' | ')') => (0, 1, 1),
            (None, _) => {
                let len = rest
                    .find(|it: char| it.is_whitespace() || it == '(' || it == ')')
                    .unwrap_or(rest.len());
                (0, len, len)
            }
        };
        let text = &rest[skip..skip + len];
        words.push(Word { text, span: Span::new(at + skip, at + skip + len) });
        rest = &rest[end..];
    }
}
