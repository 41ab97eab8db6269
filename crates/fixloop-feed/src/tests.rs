mod import;
mod starter;
