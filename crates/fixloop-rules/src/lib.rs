//! Build rules as data: a rule names files, conditions and evidence, and carries good and bad examples of its own.
