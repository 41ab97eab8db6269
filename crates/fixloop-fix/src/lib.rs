//! Upgrades of vulnerable dependencies as format-preserving edits, proven before they are offered.
