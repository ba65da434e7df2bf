//! The dialects that are read.

use std::fmt;

/// A family of request and answer formats, as contexts and records name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// OpenAI's `POST /v1/chat/completions`.
    OpenAiChat,
    /// OpenAI's `POST /v1/responses`.
    OpenAiResponses,
    /// Anthropic's `POST /v1/messages`.
    AnthropicMessages,
    /// Anthropic's `POST /v1/messages/count_tokens`.
    AnthropicCountTokens,
    /// OpenAI's older `POST /v1/completions`.
    OpenAiCompletions,
    /// OpenAI's `POST /v1/embeddings`.
    OpenAiEmbeddings,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 6] = [
        Self::OpenAiChat,
        Self::OpenAiResponses,
        Self::AnthropicMessages,
        Self::AnthropicCountTokens,
        Self::OpenAiCompletions,
        Self::OpenAiEmbeddings,
    ];

    /// As contexts and records carry it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAiChat => "openai-chat",
            Self::OpenAiResponses => "openai-responses",
            Self::AnthropicMessages => "anthropic-messages",
            Self::AnthropicCountTokens => "anthropic-count-tokens",
            Self::OpenAiCompletions => "openai-completions",
            Self::OpenAiEmbeddings => "openai-embeddings",
        }
    }

    /// Where it is asked, below a base path that ends in the API's version.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::OpenAiChat => "/chat/completions",
            Self::OpenAiResponses => "/responses",
            Self::AnthropicMessages => "/messages",
            Self::AnthropicCountTokens => "/messages/count_tokens",
            Self::OpenAiCompletions => "/completions",
            Self::OpenAiEmbeddings => "/embeddings",
        }
    }

    /// The dialect asked at a path, as [`Self::path`] gives it.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.path() == path)
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
