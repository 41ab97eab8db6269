//! Bare mirrors of an organisation's repositories, kept by the git executable.
