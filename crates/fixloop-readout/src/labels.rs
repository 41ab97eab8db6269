//! Labels numbered in their order.

use std::collections::HashMap;

/// The distinct labels of some rows.
pub struct Labels<'r> {
    /// Ascending.
    pub names: Vec<&'r str>,
    /// Where each row's label is among them; `None` of a row without one.
    pub of_row: Vec<Option<u32>>,
}

impl<'r> Labels<'r> {
    /// Hashes each row's label once, whatever the number of labels; only distinct ones are sorted.
    pub fn of(labels: impl Iterator<Item = Option<&'r str>>) -> Self {
        let mut seen: HashMap<&str, u32> = HashMap::new();
        let (mut next, mut last) = (0, None);
        let mut number = |label: &'r str| match last {
            // Rows of one label often come one after the other.
            Some((same, number)) if same == label => number,
            _ => {
                let number = *seen.entry(label).or_insert(next);
                next = next.max(number + 1);
                last = Some((label, number));
                number
            }
        };
        let of_row: Vec<Option<u32>> = labels.map(|it| it.map(&mut number)).collect();
        let mut names: Vec<(&str, u32)> = seen.into_iter().collect();
        names.sort_unstable();
        let mut places = vec![0; names.len()];
        for (place, (_, number)) in (0..).zip(&names) {
            places[*number as usize] = place;
        }
        let place = |number: u32| places[number as usize];
        Self {
            names: names.into_iter().map(|it| it.0).collect(),
            of_row: of_row.into_iter().map(|it| it.map(place)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_order_of_names() {
        let labels = Labels::of([Some("b"), None, Some("a"), Some("b"), Some("")].into_iter());
        assert_eq!(labels.names, ["", "a", "b"]);
        assert_eq!(labels.of_row, [Some(2), None, Some(1), Some(2), Some(0)]);
        assert!(Labels::of([].into_iter()).names.is_empty());
    }
}
