//! What is shown where: treatments, rings and the signed bundle that brings them to editors and builds.
//!
//! One function decides for every surface. Nothing here reads a file, a clock or a network.

mod bundle;
mod hmac;
mod keys;
mod repository_id;
mod treatment;

pub use bundle::{Assigned, Bundle, ORGANIZATION_WORDS, Ring, SCHEMA, Telemetry};
pub use hmac::hmac;
pub use keys::{Key, OrganizationKey};
pub use repository_id::RepositoryId;
pub use treatment::{Arm, Mode, Moment, Scope, Surface, Treatment};
