//! Reads `uses:` of GitHub Actions workflows and of composite actions (`action.yml`).
//!
//! Format: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax>. The name is `owner/repository`,
//! also for an action or a reusable workflow in one of its folders. A tag with three numbers is a version. `v4` and branches move,
//! so they are requirements. A commit is one too, unless a version stands in the comment behind it, as the updaters write it: that
//! comment is then taken at its word. Actions of the same repository and `docker://` images are left out.
//!
//! What the file does not tell: what a reusable workflow or a composite action uses in turn.

#[cfg(test)]
mod tests;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Reach, Scope, Source, Span};

use crate::excerpt::excerpt;
use crate::tree::{Text, Value};
use crate::yaml;

pub fn parse(text: &str) -> Parsed {
    let document = yaml::parse(text);
    let mut parsed = Parsed::default();
    if let Some(root) = document.root() {
        let (jobs, runs) = (root.get("jobs"), root.get("runs"));
        if jobs.is_none() && runs.is_none() {
            let reason = "neither a workflow nor an action: `jobs` and `runs` are missing";
            let problem =
                Problem { span: root.span(), reason: reason.to_owned(), whole_file: true };
            parsed.problems.push(problem);
        }
        let jobs = jobs.into_iter().flat_map(Value::entries).map(|(_, job)| job);
        for job in jobs.chain(runs) {
            let steps = job.get("steps").into_iter().flat_map(Value::items);
            for uses in std::iter::once(job).chain(steps).filter_map(|it| it.get_text("uses")) {
                match component(text, uses) {
                    Ok(component) => parsed.components.extend(component),
                    Err(reason) => {
                        parsed.problems.push(Problem {
                            span: uses.span,
                            reason,
                            whole_file: false,
                        });
                    }
                }
            }
        }
    }
    parsed.problems.extend(document.into_problems());
    parsed
}

/// `owner/repository[/folder]@reference`; `None` for what is no repository elsewhere.
fn component(text: &str, uses: Text<'_>) -> Result<Option<Component>, String> {
    let written = uses.raw;
    if ["./", "$/", "docker://"].iter().any(|it| written.starts_with(it)) {
        return Ok(None);
    }
    let (path, reference) = written
        .split_once('@')
        .filter(|(_, reference)| !reference.is_empty())
        .ok_or_else(|| format!("`{}` is not `owner/repository@reference`", excerpt(written)))?;
    let name_length = match path.match_indices('/').map(|(at, _)| at).take(2).collect::<Vec<_>>()[..]
    {
        [owner] if owner > 0 && owner + 1 < path.len() => path.len(),
        [owner, folder] if owner > 0 && owner + 1 < folder => folder,
        _ => return Err(format!("`{}` is not `owner/repository`", excerpt(path))),
    };
    let start = uses.span.start as usize;
    let at = |from: usize, to: usize| Span::new(start + from, start + to);
    let mut component =
        Component::new(Ecosystem::GITHUB_ACTIONS, &path[..name_length], at(0, name_length));
    component.source = Source::PublicRegistry;
    component.reach = Reach::Direct;
    component.scope = Some(Scope::Build);
    component.version_span = Some(at(path.len() + 1, written.len()));
    if is_version(reference) {
        component.version = Some(reference.to_owned());
    } else if let Some((version, span)) =
        version_in_comment(text, uses).filter(|_| is_commit(reference))
    {
        component.version = Some(version.to_owned());
        component.version_span = Some(span);
    } else {
        component.requirement = Some(reference.to_owned());
    }
    Ok(Some(component))
}

/// Three numbers, with whatever a release puts behind them; fewer are a tag that moves.
fn is_version(reference: &str) -> bool {
    let numbers = reference.strip_prefix('v').unwrap_or(reference);
    let is_number = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = numbers.splitn(3, '.');
    let (major, minor, patch) = (parts.next(), parts.next(), parts.next());
    major.is_some_and(is_number)
        && minor.is_some_and(is_number)
        && patch.is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit()))
}

fn is_commit(reference: &str) -> bool {
    reference.len() == 40 && reference.bytes().all(|it| it.is_ascii_hexdigit())
}

/// `# v1.2.3` or `# tag=v1.2.3` behind the value.
fn version_in_comment<'a>(text: &'a str, uses: Text<'_>) -> Option<(&'a str, Span)> {
    let rest = &text[uses.span.end as usize..];
    let line = rest.lines().next()?;
    let comment = line.find('#')? + 1;
    let words = line[comment..].split([' ', '\t', '=', '@', ',']);
    let word = words.clone().find(|it| !it.is_empty() && is_version(it))?;
    let at = uses.span.end as usize + comment + line[comment..].find(word)?;
    Some((word, Span::new(at, at + word.len())))
}
