//! Git histories to inventories over time; the only crate that links gix.
