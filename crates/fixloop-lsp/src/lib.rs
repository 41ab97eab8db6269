//! The language server: alerts at the first reference to a vulnerable package.
