//! `# via` comments: who needs a component, as pip-compile and uv write it.
//!
//! ```text
//! flask==1.0                  # via -r requirements.in
//! jinja2==2.10
//!     # via
//!     #   flask
//!     #   my-project (pyproject.toml)
//! ```

use std::collections::HashMap;

use fixloop_model::{Component, Reach, normalize_name};

use crate::graph;

#[derive(Default)]
pub(super) struct Needs {
    /// Component, and who needs it.
    needed_by: Vec<(usize, Who)>,
    /// The component whose `# via` list is being read.
    open: Option<usize>,
}

enum Who {
    /// A file of the project: `-r FILE`, or a project's manifest in parentheses.
    Project,
    /// A package, normalized.
    Package(String),
}

impl Needs {
    /// A comment; `component` is the one it belongs to, `stands_alone` if nothing else is on the line.
    pub(super) fn comment(&mut self, comment: &str, component: Option<usize>, stands_alone: bool) {
        let comment = comment.trim();
        let list = match comment.strip_prefix("via") {
            Some(rest) if rest.is_empty() || rest.starts_with([' ', ':', '\t']) => {
                self.open = component;
                rest.trim_start_matches(':').trim()
            }
            _ if stands_alone && self.open.is_some() => comment,
            _ => {
                self.open = None;
                return;
            }
        };
        let Some(component) = self.open else { return };
        for entry in list.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            if entry.starts_with("-r") || entry.contains('(') {
                self.needed_by.push((component, Who::Project));
            } else if !entry.starts_with('-') && !entry.contains(char::is_whitespace) {
                self.needed_by
                    .push((component, Who::Package(normalize_name("PyPI", entry).into_owned())));
            }
        }
    }

    pub(super) fn end_of_list(&mut self) {
        self.open = None;
    }

    /// Sets the reach of every component; nothing is known if no comment says anything.
    pub(super) fn apply(self, components: &mut [Component]) {
        let by_name: HashMap<String, usize> = components
            .iter()
            .enumerate()
            .map(|(index, it)| (normalize_name("PyPI", &it.name).into_owned(), index))
            .collect();
        let mut needs: Vec<Vec<usize>> = vec![Vec::new(); components.len()];
        let mut is_direct = vec![false; components.len()];
        let mut is_told = vec![false; components.len()];
        for (component, who) in self.needed_by {
            is_told[component] = true;
            match who {
                Who::Project => is_direct[component] = true,
                Who::Package(name) => {
                    if let Some(parent) = by_name.get(&name) {
                        needs[*parent].push(component);
                    }
                }
            }
        }
        let roots = (0..components.len()).filter(|it| is_direct[*it]);
        let via =
            graph::shortest_paths(components.len(), roots, |from, out| out.extend(&needs[from]));
        for (index, component) in
            components.iter_mut().enumerate().filter(|(index, _)| is_told[*index])
        {
            component.reach = if is_direct[index] {
                Reach::Direct
            } else {
                Reach::Transitive { via: via[index] }
            };
        }
    }
}
