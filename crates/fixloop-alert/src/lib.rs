//! What to tell about each dependency of a manifest: one alert with its span, severity and words.
