//! Campaigns against a date: states of targets, burn-down and the forecast of the last fix.
