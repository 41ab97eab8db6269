//! Reads a rule: every key is known, every value is of its kind, or the place of the mistake is told.

mod conditions;
mod table;

use fixloop_manifest::{Outline, Syntax};
use fixloop_model::{Rating, Span};

use crate::SCHEMA;
use crate::error::Mistake;
use crate::examples::{Example, Kind, run};
use crate::files::FilePatterns;
use crate::parse::conditions::when;
use crate::parse::table::{Entry, Table};
use crate::path::TreePath;
use crate::rule::Rule;
use crate::tree::Format;

/// As a bundle carries it.
const MAX_BYTES: usize = 64 << 10;

const MAX_EXAMPLES: usize = 100;

const MAX_PATTERNS: usize = 100;

const MAX_ID: usize = 64;

/// One sentence, and where it is shown there is little room.
const MAX_TITLE: usize = 300;

const KEYS: &[&str] = &[
    "schema", "id", "title", "severity", "fix", "url", "files", "format", "when", "evidence",
    "good", "bad",
];

/// Rules that are code; a file cannot take their names.
const BUILT_IN: &[&str] = &["dependency-confusion"];

pub(crate) fn rule(text: &str) -> Result<Rule, Mistake> {
    let (rule, examples) = read(text)?;
    run(&rule, &examples)?;
    Ok(rule)
}

#[cfg(test)]
pub(crate) fn without_examples(text: &str) -> Result<Rule, Mistake> {
    read(text).map(|(rule, _)| rule)
}

fn read(text: &str) -> Result<(Rule, Vec<Example>), Mistake> {
    if text.len() > MAX_BYTES {
        let message = format!("a rule of more than {} KiB", MAX_BYTES >> 10);
        return Err(Mistake::new(Span::default(), message));
    }
    let outline = Outline::read(Syntax::Toml, text);
    if let Some(problem) = outline.problems.first() {
        return Err(Mistake::new(problem.span, format!("not TOML: {}", problem.reason)));
    }
    let table = Table::top(&outline, text, KEYS)?;
    schema(&table)?;
    let id = id(&table)?;
    let title = table.required("title", "say what is wrong in one sentence")?;
    let title = one_line(&title, MAX_TITLE)?;
    let severity = table.get("severity").map(|it| severity(&it)).transpose()?;
    let optional = |key: &str| match table.get(key) {
        Some(it) => Ok::<_, Mistake>(it.text()?.to_owned()),
        None => Ok(String::new()),
    };
    let (fix, url) = (optional("fix")?, optional("url")?);
    if let Some(it) = table.get("url").filter(|_| !is_address(&url)) {
        return Err(it.mistake("an address starts with `https://`"));
    }
    let files = files(&table)?;
    let format = format(&table)?;
    let evidence = table.get("evidence").map(|it| tree_path(&it)).transpose()?;
    let when = when(&table, format)?;
    let examples = examples(&table)?;
    let n_examples = examples.len();
    let rule = Rule { id, title, severity, fix, url, files, format, when, evidence, n_examples };
    Ok((rule, examples))
}

fn schema(table: &Table<'_>) -> Result<(), Mistake> {
    let schema = table.required("schema", &format!("start with `schema = \"{SCHEMA}\"`"))?;
    if schema.text()? == SCHEMA {
        return Ok(());
    }
    Err(schema.mistake("not a schema that this version reads").help(format!("it reads `{SCHEMA}`")))
}

fn id(table: &Table<'_>) -> Result<String, Mistake> {
    let entry = table.required("id", "name the rule: `id = \"no-latest-images\"`")?;
    let id = entry.text()?;
    let is_word = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
    let is_id = id.bytes().all(is_word)
        && id.starts_with(|it: char| it.is_ascii_lowercase())
        && !id.ends_with('-')
        && id.len() <= MAX_ID;
    if !is_id {
        let help = format!("lower-case letters, digits and `-`, at most {MAX_ID} of them");
        return Err(entry.mistake(format!("`{id}` is no id")).help(help));
    }
    if BUILT_IN.contains(&id) {
        return Err(entry.mistake(format!("`{id}` is built in")).help("choose another id"));
    }
    Ok(id.to_owned())
}

fn one_line(entry: &Entry<'_>, most: usize) -> Result<String, Mistake> {
    let text = entry.text()?.trim();
    if text.is_empty() || text.contains('\n') {
        return Err(entry.mistake("one sentence on one line is expected"));
    }
    if text.chars().count() > most {
        return Err(entry.mistake(format!("longer than {most} characters")));
    }
    Ok(text.to_owned())
}

fn severity(entry: &Entry<'_>) -> Result<Rating, Mistake> {
    let ratings = [Rating::Low, Rating::Medium, Rating::High, Rating::Critical];
    let names: Vec<&str> = ratings.iter().map(|it| it.as_str()).collect();
    let index = entry.one_of(&names)?;
    Ok(ratings[index])
}

fn is_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|it| !it.is_empty() && !it.contains(char::is_whitespace))
}

fn files(table: &Table<'_>) -> Result<FilePatterns, Mistake> {
    let entry = table.required("files", "say which files: `files = [\"package.json\"]`")?;
    let patterns = entry.texts()?;
    if patterns.is_empty() || patterns.len() > MAX_PATTERNS {
        return Err(entry.mistake(format!("between 1 and {MAX_PATTERNS} patterns are expected")));
    }
    let written: Vec<&str> = patterns.iter().map(|it| it.0).collect();
    FilePatterns::new(&written)
        .map_err(|(index, reason)| Mistake::new(patterns[index].1, format!("no pattern: {reason}")))
}

fn format(table: &Table<'_>) -> Result<Format, Mistake> {
    let entry = table.required("format", "say how to read the files: `format = \"yaml\"`")?;
    let names: Vec<&str> = Format::ALL.iter().map(|(name, _)| *name).collect();
    Ok(Format::ALL[entry.one_of(&names)?].1)
}

fn tree_path(entry: &Entry<'_>) -> Result<TreePath, Mistake> {
    TreePath::parse(entry.text()?, entry.span(), entry.is_as_written())
}

fn examples(table: &Table<'_>) -> Result<Vec<Example>, Mistake> {
    let mut examples = Vec::new();
    for (key, kind) in [("good", Kind::Good), ("bad", Kind::Bad)] {
        let help = format!("a rule carries at least one {key} example: `{key} = '''…'''`");
        let entry = table.required(key, &help)?;
        let parts = entry.parts();
        if parts.is_empty() {
            return Err(entry.mistake(help));
        }
        for (index, part) in parts.into_iter().enumerate() {
            let (path, text) = if part.is_table() {
                let table = part.table(&["path", "text"])?;
                let path = table.get("path").map(|it| Ok((it.text()?.to_owned(), it.span())));
                (path.transpose()?, table.required("text", "say what stands in the file")?)
            } else {
                (None, part)
            };
            let (said, span, start) = (text.text()?.to_owned(), text.span(), text.start());
            examples.push(Example { kind, path, text: said, span, start, number: index + 1 });
        }
        if examples.len() > MAX_EXAMPLES {
            return Err(entry.mistake(format!("more than {MAX_EXAMPLES} examples")));
        }
    }
    Ok(examples)
}
