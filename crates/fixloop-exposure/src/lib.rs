//! When a target was exposed: episodes from inventories over time, and what one upgrade closes.
