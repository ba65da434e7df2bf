//! What a project is made of in each language.

use super::carried;

/// In what a policy is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Language {
    /// With the SDK; small and fast, without WASI
    Rust,
    /// With componentize-py
    Python,
    /// With componentize-js
    #[value(alias = "js")]
    Javascript,
    /// With wit-bindgen and clang
    C,
}

/// What differs between languages.
struct Template {
    title: &'static str,
    /// Path in the project, text, and what it is for the README; an empty text there leaves it out.
    files: &'static [(&'static str, &'static str, &'static str)],
    /// The manifest's limits, as JSON.
    limits: &'static str,
    /// What must be installed before the first build, beside what is told when it is missing.
    needs: &'static [&'static str],
    /// What must be there, for the README.
    prose: &'static str,
    /// Steps of the CI before the build.
    steps: &'static str,
}

macro_rules! template {
    ($path:literal) => {
        include_str!(concat!("templates/", $path))
    };
}

const RUST: Template = Template {
    title: "Rust",
    files: &[
        ("src/lib.rs", template!("rust/src/lib.rs"), "the policy, and its unit tests (`cargo test`)"),
        ("Cargo.toml", template!("rust/Cargo.toml"), ""),
        (".gitignore", template!("rust/gitignore"), ""),
    ],
    limits: r#"{ "memory_mib": 4, "deadline_ms": 20 }"#,
    needs: &[],
    prose: "Rust 1.95 or later must be there; `witgate plugin build` finds or fetches the target `wasm32-unknown-unknown`.\n`sdk/` is \
            the Rust SDK as it was when the project was made: leave it as it is, and take a newer one from a newer `witgate plugin \
            new`.\n",
    steps: "",
};

const PYTHON: Template = Template {
    title: "Python",
    files: &[
        ("src/app.py", template!("python/src/app.py"), "the policy: configuration, admission and commitment"),
        (
            "src/inspection.py",
            template!("python/src/inspection.py"),
            "inspection; componentize-py wants its session in a module of that name",
        ),
        ("src/words.py", template!("python/src/words.py"), "what both of them need"),
        (
            "plugin.yaml",
            template!("python/plugin.yaml"),
            "tells `witgate plugin build` the language, the source and the world",
        ),
        ("requirements.txt", template!("python/requirements.txt"), ""),
        (".gitignore", template!("python/gitignore"), ""),
    ],
    limits: r#"{ "memory_mib": 128, "deadline_ms": 500 }"#,
    needs: &["pip install -r requirements.txt"],
    prose: "Python 3.10 or later and `pip install -r requirements.txt`, which brings componentize-py. The component carries a \
            Python\ninterpreter: it is 18 MB, and a call of it costs about a hundred times that of a policy in Rust.\n",
    steps: "      - run: pip install -r requirements.txt\n",
};

const JAVASCRIPT: Template = Template {
    title: "JavaScript",
    files: &[
        ("app.js", template!("javascript/app.js"), "the policy"),
        (
            "plugin.yaml",
            template!("javascript/plugin.yaml"),
            "tells `witgate plugin build` the language, the source and the world",
        ),
        ("package.json", template!("javascript/package.json"), ""),
        (".gitignore", template!("javascript/gitignore"), ""),
    ],
    limits: r#"{ "memory_mib": 128, "deadline_ms": 500 }"#,
    needs: &["npm install"],
    prose: "Node 20 or later and `npm install`, which brings componentize-js. The component carries a JavaScript engine: it is 12 MB, \
            and a\ncall of it costs many times that of a policy in Rust.\n",
    steps: "      - run: npm install\n",
};

const C: Template = Template {
    title: "C",
    files: &[
        ("src/policy.c", template!("c/src/policy.c"), "the policy"),
        ("src/config.c", template!("c/src/config.c"), "reads its configuration"),
        ("src/config.h", template!("c/src/config.h"), ""),
        (
            "src/library.c",
            template!("c/src/library.c"),
            "the little of a C library that it needs, with its two headers",
        ),
        ("src/stdlib.h", template!("c/src/stdlib.h"), ""),
        ("src/string.h", template!("c/src/string.h"), ""),
        (
            "plugin.yaml",
            template!("c/plugin.yaml"),
            "tells `witgate plugin build` the language, the source and the world; every C file beside the source is compiled",
        ),
        (".gitignore", template!("c/gitignore"), ""),
    ],
    limits: r#"{ "memory_mib": 4, "deadline_ms": 20 }"#,
    needs: &[],
    prose: "clang and lld with the target wasm32, and wit-bindgen (`cargo install --locked wit-bindgen-cli`). The component has no C \
            library\nin it and imports nothing but what `wit/project.wit` says.\n",
    steps: "      - run: sudo apt-get install --yes clang lld && cargo install --locked wit-bindgen-cli\n",
};

impl Language {
    /// As the command line and `plugin.yaml` write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::Javascript => "javascript",
            Self::C => "c",
        }
    }

    pub(super) fn title(self) -> &'static str {
        self.template().title
    }

    pub(super) fn needs(self) -> &'static [&'static str] {
        self.template().needs
    }

    fn template(self) -> &'static Template {
        match self {
            Self::Rust => &RUST,
            Self::Python => &PYTHON,
            Self::Javascript => &JAVASCRIPT,
            Self::C => &C,
        }
    }

    /// Every file of a project called `name`: path and text.
    pub(super) fn files(self, name: &str) -> Vec<(String, String)> {
        let template = self.template();
        let told = template.files.iter().filter(|(_, _, what)| !what.is_empty());
        let table: String = told.map(|(path, _, what)| format!("| `{path}` | {what} |\n")).collect();
        let common = [
            ("manifest.json", template!("common/manifest.json")),
            ("cases.yaml", template!("common/cases.yaml")),
            ("README.md", template!("common/README.md")),
            (".github/workflows/plugin.yml", template!("common/plugin.yml")),
        ];
        // Compilers of other languages import whatever the world has, used or not: they are given one of the project's own.
        let world = (self != Self::Rust).then_some(("wit/project.wit", template!("common/project.wit")));
        let own = template.files.iter().map(|(path, text, _)| (*path, *text)).chain(world);
        let filled = own.chain(common).map(|(path, text)| {
            let text = text
                .replace("{{name}}", name)
                .replace("{{language}}", template.title)
                .replace("{{limits}}", template.limits)
                .replace("{{files}}", &table)
                .replace("{{needs}}", template.prose)
                .replace("{{tools}}", template.steps);
            (path.to_owned(), text)
        });
        let carried = carried::FILES.iter().filter(|(path, _)| self == Self::Rust || path.starts_with("wit/"));
        filled.chain(carried.map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))).collect()
    }
}
