//! The repositories that one script declares.

use fixloop_model::BuildCheck;

use super::MANAGER;
use super::script::{Placed, Step, steps};
use crate::answer::MAX_FEEDS;
use crate::feed::Feed;
use crate::place::File;

const MAVEN: &str = "Maven";

/// Blocks inside each other; real scripts have some ten.
const MAX_DEPTH: usize = 64;

/// Which list a repository belongs to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Scope {
    Plugins,
    BuildScript,
    /// `dependencyResolutionManagement`.
    Settings,
    Project,
    /// `allprojects`, `subprojects`: projects in folders below.
    Below,
}

pub(super) struct Repository {
    pub(super) scope: Scope,
    pub(super) feed: Feed,
    pub(super) is_exclusive: bool,
    pub(super) is_filtered: bool,
}

/// An open block by the word before it.
struct Block<'a> {
    name: &'a str,
    /// Where in the list the repository stands that the block describes.
    repository: Option<usize>,
}

struct Reader<'a> {
    file: &'a File,
    open: Vec<Block<'a>>,
    repositories: Vec<Repository>,
}

pub(super) fn read(file: &File) -> Result<Vec<Repository>, Box<BuildCheck>> {
    if !file.text.contains("repositor") {
        return Ok(Vec::new());
    }
    let (steps, broken) = steps(&file.text);
    let mut reader = Reader { file, open: Vec::new(), repositories: Vec::new() };
    let mut depth_error = None;
    for (at, placed) in steps.iter().enumerate() {
        match placed.step {
            Step::Open if MAX_DEPTH <= reader.open.len() => depth_error = Some(placed.offset),
            Step::Open => reader.open(&steps[..at]),
            Step::Close => drop(reader.open.pop()),
            Step::Word(word) => reader.word(word, placed.offset, &steps[at + 1..]),
            Step::Text(_) | Step::End | Step::Sign(_) => {}
        }
        if depth_error.is_some() || MAX_FEEDS <= reader.repositories.len() {
            break;
        }
    }
    let unclosed = (!reader.open.is_empty()).then_some(file.text.len());
    if let Some(offset) = broken.or(depth_error).or(unclosed.filter(|_| depth_error.is_none())) {
        let place = file.at_offset(offset);
        let why = format!("`{}` cannot be read: a block, string or comment has no end", file.path);
        return Err(Box::new(MANAGER.unknown(&place, &why)));
    }
    Ok(reader.repositories)
}

impl<'a> Reader<'a> {
    fn open(&mut self, before: &[Placed<'a>]) {
        // The word that the block belongs to stands before it, with brackets and strings between.
        let mut behind = before
            .iter()
            .rev()
            .take(16)
            .take_while(|it| !matches!(it.step, Step::End | Step::Open | Step::Close));
        let name = behind.find_map(|it| match it.step {
            Step::Word(word) => Some(word),
            _ => None,
        });
        let name = name.unwrap_or("");
        // The call before has just put the repository at the end.
        let is_repository = ["maven", "ivy"].contains(&name) || public(name).is_some();
        let last = self.repositories.len().checked_sub(1);
        let inherited = self.open.last().and_then(|it| it.repository);
        let repository = if is_repository && self.is_list() { last } else { inherited };
        self.open.push(Block { name, repository });
    }

    /// Whether the block that is open holds repositories.
    fn is_list(&self) -> bool {
        let inside = ["repositories", "forRepository", "forRepositories"];
        self.open.last().is_some_and(|it| inside.contains(&it.name))
    }

    fn is_inside(&self, name: &str) -> bool {
        self.open.iter().any(|it| it.name == name)
    }

    fn word(&mut self, word: &'a str, offset: usize, next: &[Placed<'a>]) {
        if !self.is_inside("repositories") || self.is_inside("publishing") {
            return;
        }
        if self.is_list() {
            self.declaration(word, offset, next);
            return;
        }
        let Some(at) = self.open.last().and_then(|it| it.repository) else {
            self.exclusive_filter(word);
            return;
        };
        match word {
            "url" | "setUrl" | "artifactUrls" => {
                let place = self.file.at_offset(offset);
                self.repositories[at].feed = feed(next, self.file, place);
            }
            _ if word.starts_with("include") || word.starts_with("exclude") => {
                self.repositories[at].is_filtered = true;
            }
            _ => {}
        }
    }

    /// `filter { includeGroup(…) }` of `exclusiveContent`: names nothing where it is empty.
    fn exclusive_filter(&mut self, word: &str) {
        if word.starts_with("include") && self.is_inside("exclusiveContent") {
            let exclusive = self.repositories.iter_mut().rev().take_while(|it| it.is_exclusive);
            exclusive.for_each(|it| it.is_filtered = true);
        }
    }

    fn declaration(&mut self, word: &str, offset: usize, next: &[Placed<'a>]) {
        let place = self.file.at_offset(offset);
        let is_call = matches!(next.first().map(|it| it.step), Some(Step::Open | Step::Sign(b'(')));
        let feed = match word {
            "maven" | "ivy" if is_call => feed(next, self.file, place),
            _ if is_call && public(word).is_some() => Feed::implicit_public(place),
            _ => return,
        };
        let scope = self.scope();
        let is_exclusive = self.is_inside("exclusiveContent");
        self.repositories.push(Repository { scope, feed, is_exclusive, is_filtered: false });
    }

    fn scope(&self) -> Scope {
        let outer = self.open.iter().find_map(|it| match it.name {
            "pluginManagement" => Some(Scope::Plugins),
            "buildscript" => Some(Scope::BuildScript),
            "dependencyResolutionManagement" => Some(Scope::Settings),
            "allprojects" | "subprojects" => Some(Scope::Below),
            _ => None,
        });
        outer.unwrap_or(Scope::Project)
    }
}

/// Repositories that Gradle knows by name.
fn public(word: &str) -> Option<()> {
    ["mavenCentral", "gradlePluginPortal", "google", "jcenter"].contains(&word).then_some(())
}

/// The address that a call or assignment is given; one that is not literal is not resolved.
fn feed(next: &[Placed<'_>], file: &File, place: crate::place::Place) -> Feed {
    let mut shown = "";
    for placed in next.iter().take(12) {
        match placed.step {
            Step::Text(text) => {
                return Feed::new(MAVEN, text, file.at_offset(placed.offset));
            }
            // `uri`, `url`, `URI.create` and `java.net.URI` only wrap what follows.
            Step::Word(word) if shown.is_empty() && !is_wrapper(word) => shown = word,
            // A block follows: the address stands in it.
            Step::Open | Step::Close | Step::End => break,
            Step::Word(_) | Step::Sign(_) => {}
        }
    }
    Feed::unresolved(shown, place)
}

fn is_wrapper(word: &str) -> bool {
    let last = word.rsplit('.').next().unwrap_or(word);
    ["uri", "url", "URI", "create", "setUrl"].contains(&last)
}
