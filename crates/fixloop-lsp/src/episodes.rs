//! Which alerts are shown, for how long, and how they end: the editor's draft exposures.

use crate::commands::Reason;
use crate::protocol::Uri;
use crate::session::Session;

impl Session {
    pub(crate) fn exception_added(&mut self, _uri: &Uri, _ecosystem: &str, _package: &str) {}

    pub(crate) fn dismiss(
        &mut self,
        _uri: &Uri,
        _ecosystem: &str,
        _package: &str,
        _reason: Reason,
        _comment: Option<String>,
    ) {
    }
}
