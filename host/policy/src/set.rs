//! The plugins in force.

use witgate_engine::{Digest, Plugin, Stage};
use witgate_wire::document::Document;

use crate::trust::{Signer, Trust};

/// Whether a plugin's decisions are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Applied.
    Enforce,
    /// Recorded as would-have, never applied; it holds nothing back and its faults end nothing.
    Monitor,
}

impl Mode {
    /// The word for records, JSON and people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Monitor => "monitor",
        }
    }
}

/// What happens to an exchange when a plugin could not decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFault {
    /// The exchange ends. The default.
    Deny,
    /// It goes on without this plugin; every call skipped is recorded.
    Allow,
}

impl OnFault {
    /// The word for records, JSON and people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Allow => "allow",
        }
    }
}

/// One plugin of a set.
#[derive(Debug, Clone)]
pub struct Member {
    /// The plugin, ready to serve.
    pub plugin: Plugin,
    /// Whether its decisions are applied.
    pub mode: Mode,
    /// What its faults do.
    pub on_fault: OnFault,
    /// Whose signature its file has, where that was checked.
    pub signer: Option<Signer>,
}

impl Member {
    /// Whether a stage asks this plugin about a document: it must export the stage, and admission asks only about what the plugin
    /// says that it reads.
    pub(crate) fn is_asked(&self, stage: Stage, document: &Document) -> bool {
        let segments = document.segments.iter().map(|segment| (&*segment.kind, &*segment.role));
        self.plugin.stages().has(stage) && (stage != Stage::Admission || self.plugin.reads(segments))
    }
}

/// The ordered plugins in force, with all that shapes their decisions. Immutable.
#[derive(Debug)]
pub struct PolicySet {
    generation: u64,
    digest: Digest,
    members: Vec<Member>,
    trust: Trust,
}

impl PolicySet {
    pub(crate) fn new(generation: u64, members: Vec<Member>, trust: Trust) -> Self {
        let digest = digest(&members);
        Self { generation, digest, members, trust }
    }

    /// Counts the sets since the gate started, from 1.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// sha256 over every component, config, grant, limit and mode, in order. Whom the operator trusts is not in it: the
    /// digest names what decides, so that the same decisions have the same name wherever and by whomever they were signed.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Whose plugins were taken.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Whether the same keys are trusted and the same ones signed. Of two sets with one digest.
    pub fn same_trust(&self, other: &Self) -> bool {
        let signers = |set: &Self| set.members.iter().map(|member| member.signer.clone()).collect::<Vec<_>>();
        self.trust == other.trust && signers(self) == signers(other)
    }

    /// The same set as another generation: for one that differs from the set in force in nothing that decides.
    #[must_use]
    pub fn as_generation(self, generation: u64) -> Self {
        Self { generation, ..self }
    }

    /// Whether one of the plugins that are asked at a stage must be called where it can hold up nobody else.
    pub fn needs_lane(&self, stage: Stage) -> bool {
        self.members.iter().any(|m| m.plugin.stages().has(stage) && m.plugin.needs_lane())
    }

    /// The same of those that admission asks about this document.
    pub fn admission_needs_lane(&self, document: &Document) -> bool {
        self.members.iter().any(|m| m.plugin.needs_lane() && m.is_asked(Stage::Admission, document))
    }

    /// The plugins, in the order in which they are asked.
    pub fn members(&self) -> &[Member] {
        &self.members
    }
}

fn digest(members: &[Member]) -> Digest {
    // Length-prefixed, so that no two different sets have the same text.
    let mut text = String::from("witgate policy set v1\n");
    for member in members {
        let plugin = &member.plugin;
        let limits = plugin.limits();
        for part in [
            plugin.id(),
            &plugin.digest().to_string(),
            plugin.config(),
            &plugin.grants().names().join(","),
            &limits.memory.to_string(),
            &limits.deadline.as_micros().to_string(),
            member.mode.name(),
            member.on_fault.name(),
        ] {
            text.push_str(&format!("{}:{part}\n", part.len()));
        }
    }
    Digest::of(text.as_bytes())
}
