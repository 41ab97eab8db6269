//! One file from text to findings.

use std::cell::OnceCell;
use std::collections::HashSet;

use fixloop_index::{IndexError, Urgency};
use fixloop_match::Match;
use fixloop_model::{
    Component, Finding, InventoryItem, LineIndex, Parsed, Place, Position, ScannedFile, Span,
    Unknown, UnknownKind,
};

use crate::deciding;
use crate::indexes::Knowledge;
use crate::neighbors::Texts;
use crate::walk::Target;

/// What one file has to say.
#[derive(Default)]
pub(crate) struct FileResult {
    pub(crate) file: Option<ScannedFile>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) unknown: Vec<Unknown>,
    pub(crate) inventory: Vec<InventoryItem>,
    /// Of a manifest with a lockfile: what that decides, by normalized name, and where it is asked for.
    pub(crate) declared: Vec<(String, Place)>,
    /// Ecosystems of the components that should have been checked, with their number.
    pub(crate) ecosystems: Vec<(String, usize)>,
}

pub(crate) struct Settings<'a> {
    pub(crate) known: &'a Knowledge<'a>,
    pub(crate) mirrors: &'a [String],
    pub(crate) with_inventory: bool,
    pub(crate) neighbors: &'a Texts<'a>,
    pub(crate) urgency: &'a Urgency,
}

/// `decided` are the names that a lockfile decides, if this is a manifest with one.
pub(crate) fn check_file(
    settings: &Settings<'_>,
    target: &Target,
    text: &str,
    parsed: &Parsed,
    decided: Option<&HashSet<String>>,
) -> Result<FileResult, IndexError> {
    let mut result = FileResult {
        file: Some(ScannedFile {
            path: target.path.clone(),
            format: target.format.name(),
            n_components: parsed.components.len(),
        }),
        ..FileResult::default()
    };
    // Most files have nothing to show, and their lines need not be counted.
    let lines = OnceCell::new();
    let position = |offset| lines.get_or_init(|| LineIndex::new(text)).position(text, offset);
    for problem in &parsed.problems {
        let line = position(problem.span.start).line;
        let kind = if problem.whole_file { UnknownKind::File } else { UnknownKind::Component };
        let (path, reason) = (Some(target.path.clone()), problem.reason.clone());
        result.unknown.push(Unknown { kind, path, line: Some(line), name: None, reason });
    }
    for (index, component) in parsed.components.iter().enumerate() {
        let name = decided.map(|_| deciding::name(component));
        if let (Some(decided), Some(name)) = (decided, name)
            && decided.contains(&name)
        {
            result.declared.push((name, declared(settings, target, component, &position)));
            continue;
        }
        count(&mut result.ecosystems, component.ecosystem.base());
        let checked = settings.known.check(component, settings.mirrors)?;
        if checked.matches.is_empty() && checked.unknown.is_none() {
            continue;
        }
        let at = position(place(component).start);
        if let Some(reason) = checked.unknown {
            result.unknown.push(Unknown {
                kind: UnknownKind::Component,
                path: Some(target.path.clone()),
                line: Some(at.line),
                name: Some(component.name.clone()),
                reason,
            });
        }
        if checked.matches.is_empty() {
            continue;
        }
        let chain = parsed.chain(index);
        let elsewhere = component.declared.as_ref();
        let declared = elsewhere.map(|_| declared(settings, target, component, &position));
        let package = |it: Match| Finding {
            chain: chain.clone(),
            declared: declared.clone(),
            exploited: it.ids.iter().find_map(|id| settings.urgency.exploited(id)),
            probability: probability(settings.urgency, &it.ids),
            ..finding(component, target, at, it)
        };
        result.findings.extend(checked.matches.into_iter().map(package));
    }
    if settings.with_inventory {
        result.inventory = parsed
            .components
            .iter()
            .map(|it| InventoryItem {
                path: target.path.clone(),
                line: position(it.name_span.start).line,
                component: it.clone(),
            })
            .collect();
    }
    Ok(result)
}

/// The highest of the alias group's.
fn probability(urgency: &Urgency, ids: &[String]) -> Option<f64> {
    ids.iter().filter_map(|id| urgency.probability(id)).max_by(f64::total_cmp)
}

fn finding(component: &Component, target: &Target, at: Position, it: Match) -> Finding {
    Finding {
        ecosystem: component.ecosystem.to_string(),
        name: component.name.clone(),
        version: component.version.clone().unwrap_or_default(),
        ids: it.ids,
        class: it.class,
        severity: it.severity,
        summary: it.summary,
        url: it.url,
        path: target.path.clone(),
        position: at,
        fixed_in: it.fixed_in,
        fixed_version: it.fixed_version,
        disclosed: it.disclosed,
        direct: component.reach.is_direct(),
        scope: component.scope,
        chain: None,
        declared: None,
        exploited: None,
        probability: None,
    }
}

/// Where the project asks for a component: in this file, or in the one that this file has it from.
fn declared(
    settings: &Settings<'_>,
    target: &Target,
    component: &Component,
    position: &dyn Fn(u32) -> Position,
) -> Place {
    let elsewhere = component.declared.as_ref().and_then(|it| {
        let text = settings.neighbors.text(&it.path)?;
        let position = LineIndex::new(&text).position(&text, it.span.start);
        Some(Place { path: it.path.clone(), position })
    });
    elsewhere.unwrap_or_else(|| Place {
        path: target.path.clone(),
        position: position(place(component).start),
    })
}

/// Where a finding points: the version to change, else the name.
fn place(component: &Component) -> Span {
    component.version_span.unwrap_or(component.name_span)
}

fn count(ecosystems: &mut Vec<(String, usize)>, ecosystem: &str) {
    match ecosystems.iter_mut().find(|(name, _)| name == ecosystem) {
        Some((_, n)) => *n += 1,
        None => ecosystems.push((ecosystem.to_owned(), 1)),
    }
}
