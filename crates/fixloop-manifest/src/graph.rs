//! Who brought a transitive component: shortest paths from the direct dependencies.

use std::collections::VecDeque;

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
