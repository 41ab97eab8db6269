//! Reads `Gemfile` and `gems.rb`, as far as they are literal.
//!
//! Format: <https://bundler.io/man/gemfile.5.html>. A Gemfile is a program; read are lines that call `gem` with literals, inside blocks
//! of `group`, `source`, `git`, `github` and `path`. Nothing is evaluated: conditions are taken to hold, and a name or requirement that
//! is computed is a problem. `gemspec` names gems that stand elsewhere.
//!
//! What the file does not tell: which version is used, unless the requirement names one.

#[cfg(test)]
mod tests;
mod words;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Reach, Scope, Source, Span};
use fixloop_version::Syntax;

use crate::excerpt::excerpt;
use crate::limits::within_limit;
use crate::registry::{source_of_registry_url, without_credentials};
use crate::required::require;
use words::{Word, words};

/// What a block says of the gems inside.
#[derive(Clone, Default)]
struct Block {
    scope: Option<Scope>,
    source: Option<Source>,
}

struct Reader {
    blocks: Vec<Block>,
    /// Of `source "…"` without a block.
    default: Option<Source>,
    parsed: Parsed,
}

pub fn parse(text: &str) -> Parsed {
    let (text, cut) = within_limit(text);
    let mut reader = Reader { blocks: Vec::new(), default: None, parsed: Parsed::default() };
    reader.parsed.problems.extend(cut);
    let mut offset = 0;
    let mut is_comment = false;
    // A call goes on behind a comma or an open bracket.
    let mut pending = String::new();
    let mut pending_start = 0;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        is_comment = (is_comment || line.starts_with("=begin")) && !line.starts_with("=end");
        if is_comment || line.starts_with("=end") || line.trim_start().starts_with('#') {
            // Blanks keep the places of what follows.
            if !pending.is_empty() {
                pending.extend(std::iter::repeat_n(' ', line.len()));
            }
            continue;
        }
        if pending.is_empty() {
            pending_start = start;
        }
        pending.push_str(line);
        let code = words::without_comment(line).trim_end();
        if !(code.ends_with(',') || code.ends_with('(') || code.ends_with('\\')) {
            reader.statement(&pending, pending_start);
            pending.clear();
        }
    }
    reader.statement(&pending, pending_start);
    reader.parsed
}

impl Reader {
    fn statement(&mut self, text: &str, start: usize) {
        let words = words(text, start);
        let Some(Word::Name(first, first_span)) = words.first() else { return };
        let arguments = &words[1..];
        let opens = arguments.iter().any(|it| matches!(it, Word::Name(name, _) if name == "do"));
        match &**first {
            "gem" => self.gem(arguments, *first_span, text),
            "end" => drop(self.blocks.pop()),
            "group" if opens => self.open(Block { scope: Some(scope_of(arguments)), source: None }),
            "source" | "git" | "github" | "path" | "gist" | "bitbucket" => {
                let source = strings(arguments).next().map(|(value, _)| source_of(first, value));
                if opens {
                    self.open(Block { scope: None, source });
                } else if first == "source" {
                    self.default = source;
                }
            }
            "if" | "unless" | "case" | "begin" | "while" | "def" => self.open(Block::default()),
            _ if opens => self.open(Block::default()),
            _ => {}
        }
    }

    /// A block inside another one has what that has.
    fn open(&mut self, block: Block) {
        let outer = self.blocks.last().cloned().unwrap_or_default();
        let (scope, source) = (block.scope.or(outer.scope), block.source.or(outer.source));
        self.blocks.push(Block { scope, source });
    }

    fn gem(&mut self, arguments: &[Word], span: Span, text: &str) {
        let Some(Word::Text(name, name_span)) = arguments.first() else {
            let reason = format!("the name in `{}` is computed", excerpt(text.trim()));
            return self.parsed.problems.push(Problem { span, reason, whole_file: false });
        };
        let block = self.blocks.last().cloned().unwrap_or_default();
        let mut component = Component::new(Ecosystem::RUBYGEMS, name.clone(), *name_span);
        component.reach = Reach::Direct;
        component.scope = Some(block.scope.unwrap_or(Scope::Runtime));
        let inherited = block.source.or_else(|| self.default.clone());
        component.source = inherited.unwrap_or(Source::PublicRegistry);
        let options_at = arguments.iter().position(|it| matches!(it, Word::Key(..)));
        let (positional, options) = arguments.split_at(options_at.unwrap_or(arguments.len()));
        let requirements: Vec<(&str, Span)> = strings(&positional[1..]).collect();
        if let (Some((_, first)), Some((_, last))) = (requirements.first(), requirements.last()) {
            let written: Vec<&str> = requirements.iter().map(|(value, _)| *value).collect();
            let span = Span { start: first.start, end: last.end };
            require(&mut component, Syntax::RubyGems, &written.join(", "), span);
        } else if positional[1..].iter().any(|it| matches!(it, Word::Name(..))) {
            let reason = format!("the requirement of `{name}` is computed");
            self.parsed.problems.push(Problem { span: *name_span, reason, whole_file: false });
        }
        let mut key = "";
        for option in options {
            match option {
                Word::Key(name) => key = name,
                Word::Text(value, _) if is_source(key) => component.source = source_of(key, value),
                Word::Text(value, _) | Word::Symbol(value) if matches!(key, "group" | "groups") => {
                    component.scope = Some(scope_of_group(value));
                }
                Word::Text(..) | Word::Symbol(..) | Word::Name(..) => {}
            }
        }
        self.parsed.components.push(component);
    }
}

fn strings(words: &[Word]) -> impl Iterator<Item = (&str, Span)> {
    words.iter().filter_map(|it| match it {
        Word::Text(value, span) => Some((&**value, *span)),
        Word::Symbol(..) | Word::Key(..) | Word::Name(..) => None,
    })
}

fn is_source(key: &str) -> bool {
    matches!(key, "git" | "github" | "gist" | "bitbucket" | "path" | "source")
}

fn source_of(kind: &str, value: &str) -> Source {
    match kind {
        "source" => source_of_registry_url(&Ecosystem::RUBYGEMS, value),
        "path" => Source::Path { path: Some(value.to_owned()) },
        "git" => Source::Git { url: without_credentials(value) },
        hoster => Source::Git { url: format!("{hoster}:{value}") },
    }
}

fn scope_of(arguments: &[Word]) -> Scope {
    let mut groups = arguments.iter().filter_map(|it| match it {
        Word::Symbol(name) | Word::Text(name, _) => Some(scope_of_group(name)),
        Word::Key(..) | Word::Name(..) => None,
    });
    // In several groups it is for development only if it is that in all.
    if groups.clone().next().is_some() && groups.all(|it| it == Scope::Dev) {
        Scope::Dev
    } else {
        Scope::Runtime
    }
}

fn scope_of_group(name: &str) -> Scope {
    if matches!(name, "default" | "production" | "staging") { Scope::Runtime } else { Scope::Dev }
}
