//! Who brought a transitive component: shortest paths from the direct dependencies.

use std::collections::VecDeque;

use fixloop_model::{Component, Reach, Scope};

/// For each of `n_nodes`, the node before it on one shortest path from a node of `roots`; `None` for roots and the unreached.
///
/// Breadth first; ties go to the edge that comes first, so the same file always gives the same path.
pub(crate) fn shortest_paths(
    n_nodes: usize,
    roots: impl IntoIterator<Item = usize>,
    mut edges: impl FnMut(usize, &mut Vec<usize>),
) -> Vec<Option<u32>> {
    let mut via = vec![None; n_nodes];
    let mut is_reached = vec![false; n_nodes];
    let mut queue: VecDeque<usize> = VecDeque::new();
    for root in roots {
        if !std::mem::replace(&mut is_reached[root], true) {
            queue.push_back(root);
        }
    }
    let mut next = Vec::new();
    while let Some(from) = queue.pop_front() {
        next.clear();
        edges(from, &mut next);
        for &to in &next {
            if !std::mem::replace(&mut is_reached[to], true) {
                via[to] = u32::try_from(from).ok();
                queue.push_back(to);
            }
        }
    }
    via
}

/// In which order scopes claim what is reached from several of them: what is used at run time is not only for development.
const CLAIMS: [Scope; 4] = [Scope::Runtime, Scope::Optional, Scope::Build, Scope::Dev];

/// Tells each component how it got there, from what the project names (`roots`, with their scopes) and who needs whom (`edges`).
///
/// Components that are [`Reach::Root`] stay so; what is not reached stays [`Reach::Unknown`]. A scope that is set stays, too.
pub(crate) fn tell_reaches(
    components: &mut [Component],
    roots: &[(usize, Option<Scope>)],
    edges: &[Vec<usize>],
) {
    let next = |from: usize, out: &mut Vec<usize>| out.extend(&edges[from]);
    let told = reaches(components.len(), roots, next);
    for (component, (reach, scope)) in components.iter_mut().zip(told) {
        if component.reach == Reach::Root {
            continue;
        }
        if reach != Reach::Unknown && (reach == Reach::Direct || component.reach == Reach::Unknown)
        {
            component.reach = reach;
        }
        component.scope = component.scope.or(scope);
    }
}

/// How each of `n_nodes` is reached from `roots`, and the first scope that claims it.
pub(crate) fn reaches(
    n_nodes: usize,
    roots: &[(usize, Option<Scope>)],
    mut edges: impl FnMut(usize, &mut Vec<usize>),
) -> Vec<(Reach, Option<Scope>)> {
    let via = shortest_paths(n_nodes, roots.iter().map(|(root, _)| *root), &mut edges);
    let transitive = |via: Option<u32>| match via {
        Some(_) => Reach::Transitive { via },
        None => Reach::Unknown,
    };
    let mut told: Vec<(Reach, Option<Scope>)> =
        via.into_iter().map(|it| (transitive(it), None)).collect();
    for (root, _) in roots {
        told[*root].0 = Reach::Direct;
    }
    let mut is_claimed = vec![false; n_nodes];
    let mut next = Vec::new();
    for scope in CLAIMS {
        let of_scope = roots.iter().filter(|(_, it)| *it == Some(scope)).map(|(root, _)| *root);
        let mut pending: Vec<usize> = of_scope.collect();
        while let Some(at) = pending.pop() {
            if std::mem::replace(&mut is_claimed[at], true) {
                continue;
            }
            told[at].1 = Some(scope);
            next.clear();
            edges(at, &mut next);
            pending.extend(next.iter().copied().filter(|it| !is_claimed[*it]));
        }
    }
    told
}
