//! Choices beside the payload: the first line of an input, so that seeds can be written with an editor.

use witgate_wire::Dialect;

/// Bytes to choose by, given round and round; zeros if there are none.
pub(crate) struct Control<'d> {
    line: &'d [u8],
    at: usize,
}

impl<'d> Control<'d> {
    /// Splits `data` into choices and payload at its first line feed; without one, all is payload.
    pub(crate) fn split(data: &'d [u8]) -> (Self, &'d [u8]) {
        match data.iter().position(|&b| b == b'\n') {
            Some(end) => (Self { line: &data[..end], at: 0 }, &data[end + 1..]),
            None => (Self { line: &[], at: 0 }, data),
        }
    }

    pub(crate) fn next(&mut self) -> usize {
        let byte = if self.line.is_empty() { 0 } else { self.line[self.at % self.line.len()] };
        self.at += 1;
        byte.into()
    }

    /// True for odd bytes: `1` is yes, `0` is no.
    pub(crate) fn flag(&mut self) -> bool {
        self.next() % 2 == 1
    }

    /// A dialect by its letter: `c`hat, `r`esponses, `m`essages, cou`n`ts of tokens, legacy completions (`l`),
    /// `e`mbeddings; any for other bytes.
    pub(crate) fn dialect(&mut self) -> Dialect {
        match u8::try_from(self.next()).unwrap_or_default() {
            b'c' => Dialect::OpenAiChat,
            b'r' => Dialect::OpenAiResponses,
            b'm' => Dialect::AnthropicMessages,
            b'n' => Dialect::AnthropicCountTokens,
            b'l' => Dialect::OpenAiCompletions,
            b'e' => Dialect::OpenAiEmbeddings,
            other => Dialect::ALL[usize::from(other) % Dialect::ALL.len()],
        }
    }

    /// `bytes` in pieces of 0 to 63 bytes; without choices one byte each. Digits and letters give 16 to 58.
    pub(crate) fn pieces<'b>(&mut self, mut bytes: &'b [u8]) -> Vec<&'b [u8]> {
        let mut pieces = Vec::new();
        while !bytes.is_empty() {
            // Every second piece is not empty, so that this ends.
            let least = usize::from(pieces.len() % 2 == 1);
            let (piece, rest) = bytes.split_at((self.next() % 64).max(least).min(bytes.len()));
            pieces.push(piece);
            bytes = rest;
        }
        pieces
    }
}
