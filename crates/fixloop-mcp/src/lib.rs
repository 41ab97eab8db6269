//! The editor alert for coding agents, by the Model Context Protocol.
