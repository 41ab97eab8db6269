use fixloop_model::{Parsed, Span};
pub struct Requirements {
    pub parsed: Parsed,
    pub includes: Vec<Include>,
}
pub struct Include {
    pub path_span: Span,
    pub path: String,
    pub kind: IncludeKind,
}
pub enum IncludeKind {
    Requirements,
    Constraints,
}
pub fn parse(_: &str) -> Requirements {
    Requirements { parsed: Parsed::default(), includes: vec![] }
}
