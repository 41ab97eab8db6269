//! The projects: what they depend on, and how each is locked to old versions.

pub(super) struct Project {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) tool: &'static str,
    pub(super) version: &'static [&'static str],
    pub(super) files: &'static [(&'static str, &'static str)],
    /// Makes the lockfile.
    pub(super) lock: &'static [&'static [&'static str]],
    /// What must still work afterwards.
    pub(super) check: &'static [&'static [&'static str]],
}

const NPM_LOCK: &[&str] =
    &["npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"];

pub(super) const PROJECTS: &[Project] = &[
    Project {
        name: "npm",
        what: "two direct, one by an override",
        tool: "npm",
        version: &["npm", "--version"],
        files: &[(
            "package.json",
            r#"{
  "name": "shop",
  "version": "1.0.0",
  "private": true,
  "dependencies": {
    "lodash": "4.17.11",
    "minimatch": "3.0.0",
    "mkdirp": "0.5.1"
  }
}
"#,
        )],
        lock: &[NPM_LOCK],
        check: &[&["npm", "ls"]],
    },
    Project {
        name: "npm-two-versions",
        what: "two versions of one package, both by overrides",
        tool: "npm",
        version: &["npm", "--version"],
        files: &[(
            "package.json",
            r#"{
  "name": "shop",
  "version": "1.0.0",
  "private": true,
  "dependencies": {
    "mkdirp": "0.5.1",
    "rc": "1.2.8"
  },
  "overrides": {
    "rc": {
      "minimist": "1.2.0"
    }
  }
}
"#,
        )],
        // The override made the lockfile an old one, and is not meant to stay.
        lock: &[NPM_LOCK, &["npm", "pkg", "delete", "overrides"]],
        check: &[&["npm", "ls"]],
    },
    Project {
        name: "pnpm",
        what: "one of a catalog, one by an override",
        tool: "pnpm",
        version: &["pnpm", "--version"],
        files: &[
            (
                "package.json",
                r#"{
  "name": "shop",
  "version": "1.0.0",
  "private": true,
  "dependencies": {
    "lodash": "catalog:",
    "mkdirp": "0.5.1"
  }
}
"#,
            ),
            ("pnpm-workspace.yaml", "packages:\n  - .\ncatalog:\n  lodash: 4.17.11 # shared\n"),
        ],
        lock: &[&["pnpm", "install", "--lockfile-only", "--ignore-scripts"]],
        check: &[&["pnpm", "install", "--frozen-lockfile", "--ignore-scripts"]],
    },
    Project {
        name: "cargo",
        what: "three direct",
        tool: "cargo",
        version: &["cargo", "--version"],
        files: &[
            (
                "Cargo.toml",
                r#"[package]
name = "shop"
version = "0.1.0"
edition = "2021"

[dependencies]
smallvec = "0.6" # small
tokio = { version = "1.8.0", default-features = false }
thread_local = "1.0"
"#,
            ),
            ("src/lib.rs", ""),
        ],
        lock: &[
            &["cargo", "generate-lockfile", "-q"],
            &["cargo", "update", "-q", "-p", "smallvec", "--precise", "0.6.9"],
            &["cargo", "update", "-q", "-p", "tokio", "--precise", "1.8.0"],
            &["cargo", "update", "-q", "-p", "thread_local", "--precise", "1.0.1"],
        ],
        check: &[&["cargo", "metadata", "--locked", "--format-version", "1"]],
    },
    Project {
        name: "cargo-brought-in",
        what: "one brought in, by the command",
        tool: "cargo",
        version: &["cargo", "--version"],
        files: &[
            (
                "Cargo.toml",
                "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nparking_lot_core = \"=0.6.3\"\n",
            ),
            ("src/lib.rs", ""),
        ],
        lock: &[
            &["cargo", "generate-lockfile", "-q"],
            &["cargo", "update", "-q", "-p", "smallvec", "--precise", "0.6.9"],
        ],
        check: &[&["cargo", "metadata", "--locked", "--format-version", "1"]],
    },
    Project {
        name: "uv",
        what: "one direct, one by a constraint",
        tool: "uv",
        version: &["uv", "--version"],
        files: &[(
            "pyproject.toml",
            "[project]\nname = \"shop\"\nversion = \"0.1.0\"\nrequires-python = \">=3.10\"\ndependencies = [\n    \"jinja2==2.10\", # templates\n    \"requests>=2.32.4\",\n]\n",
        )],
        lock: &[&["uv", "lock", "-q", "--upgrade-package", "certifi==2022.5.18"]],
        check: &[&["uv", "lock", "--check"]],
    },
    Project {
        name: "go",
        what: "one direct, one indirect",
        tool: "go",
        version: &["go", "version"],
        files: &[
            (
                "go.mod",
                "module shop.example/shop\n\ngo 1.21\n\nrequire (\n\tgithub.com/gorilla/websocket v1.4.0 // live\n\tgithub.com/stretchr/testify v1.5.1\n)\n",
            ),
            (
                "shop.go",
                "package shop\n\nimport (\n\t\"github.com/gorilla/websocket\"\n\t\"github.com/stretchr/testify/assert\"\n)\n\nvar Text, Equal = websocket.TextMessage, assert.Equal\n",
            ),
        ],
        lock: &[&["go", "mod", "tidy"]],
        check: &[&["go", "build", "./..."]],
    },
    Project {
        name: "maven",
        what: "one by a property, one of its own; no lockfile",
        tool: "maven",
        version: &["mvn", "-q", "--version"],
        files: &[(
            "pom.xml",
            r"<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>shop</groupId>
  <artifactId>shop</artifactId>
  <version>1</version>
  <properties>
    <log4j.version>2.14.1</log4j.version>
  </properties>
  <dependencies>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-core</artifactId>
      <version>${log4j.version}</version>
    </dependency>
    <dependency>
      <groupId>commons-collections</groupId>
      <artifactId>commons-collections</artifactId>
      <version>3.2.1</version>
    </dependency>
  </dependencies>
</project>
",
        )],
        lock: &[],
        check: &[&["mvn", "-q", "-B", "validate"], &["mvn", "-q", "-B", "dependency:resolve"]],
    },
];
