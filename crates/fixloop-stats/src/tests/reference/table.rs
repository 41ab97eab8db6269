//! The reference data sets.

use std::collections::HashMap;

use fixloop_test_support::shared;

/// One line of a data set, by column.
pub(super) struct Row(HashMap<String, String>);

impl Row {
    pub(super) fn text(&self, column: &str) -> &str {
        &self.0[column]
    }

    pub(super) fn number(&self, column: &str) -> f64 {
        self.0[column].parse().unwrap()
    }

    /// `None` for `NA` and an empty cell.
    pub(super) fn known(&self, column: &str) -> Option<f64> {
        match self.text(column) {
            "" | "NA" => None,
            number => Some(number.parse().unwrap()),
        }
    }
}

/// The rows of `data/NAME`, in file order.
pub(super) fn rows(name: &str) -> Vec<Row> {
    let path = shared::file(&format!("data/stats_reference/data/{name}")).unwrap();
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(|row| Row(row.unwrap())).collect()
}

/// Numbers for the texts of a column, in alphabetical order.
pub(super) fn labels(rows: &[Row], column: &str) -> Vec<u32> {
    let mut texts: Vec<&str> = rows.iter().map(|it| it.text(column)).collect();
    texts.sort_unstable();
    texts.dedup();
    let number = |row: &Row| texts.partition_point(|&it| it < row.text(column));
    rows.iter().map(|it| u32::try_from(number(it)).unwrap()).collect()
}
