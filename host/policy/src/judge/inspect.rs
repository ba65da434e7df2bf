//! Inspection: sessions over channels, and the frontier that follows from them.

use witgate_wire::document::Span;

use super::*;

impl Judge {
    /// A channel begins. `restores`: it is a text for the client, in which the caller's own values are put back.
    ///
    /// # Errors
    /// The verdict that ends the exchange: a plugin that must be asked could not be, or there are too many channels.
    pub fn open(&mut self, kind: &str, name: Option<&str>, restores: bool) -> Result<ChannelId, Verdict> {
        if let Some(minutes) = &self.minutes {
            minutes.note(|| Question::Open { kind: kind.to_owned(), name: name.map(str::to_owned), restores });
        }
        let alive = self.channels.iter().filter(|c| c.is_some()).count();
        if alive >= self.limits.channels {
            return Err(Verdict::Deny(host("channel_limit", "The answer has too many channels.")));
        }
        let index = self.opened;
        self.opened = self.opened.saturating_add(1);
        let opened = Opened { index, kind: kind.to_owned(), name: name.map(str::to_owned) };
        let set = Arc::clone(&self.set);
        let mut parties = Vec::new();
        for (place, member) in set.members().iter().enumerate() {
            if !member.plugin.stages().inspection {
                continue;
            }
            let mut opinion = self.opinion(place);
            let asked = self.ask(Stage::Inspection, place, member, &mut opinion, |s, ctx| s.open_session(ctx, &opened));
            self.put(opinion);
            match asked {
                Asked::Said(session) => {
                    let settled = (member.mode == Mode::Enforce).then_some(0);
                    parties.push(Party { member: place, session, settled });
                }
                Asked::Faulted(fault) => match on_fault(member, &fault) {
                    Verdict::Allow => {}
                    ended => return Err(ended),
                },
            }
        }
        let mut channel = Channel::new(parties, restores);
        channel.number = index;
        let channel = Some(channel);
        let free = self.channels.iter().position(Option::is_none).unwrap_or(self.channels.len());
        match self.channels.get_mut(free) {
            Some(place) => *place = channel,
            None => self.channels.push(channel),
        }
        Ok(ChannelId(free))
    }

    /// More text of a channel, in pieces of at most 64 KiB.
    pub fn push(&mut self, channel: ChannelId, text: &str) -> Advance {
        self.step(channel, Some(text))
    }

    /// A channel is over: everything settles.
    pub fn finish(&mut self, channel: ChannelId) -> Advance {
        self.step(channel, None)
    }

    /// A short text beside the channels, whole: its edits, or the verdict that ends the exchange.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn whole(&mut self, kind: &str, name: Option<&str>, text: &str) -> Result<Vec<TextEdit>, Verdict> {
        const PIECE: usize = 64 << 10;
        let channel = self.open(kind, name, false)?;
        let mut edits = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
            rest = after;
            let advance = self.push(channel, piece);
            if !advance.verdict.is_allow() {
                return Err(advance.verdict);
            }
            edits.extend(advance.edits);
        }
        let advance = self.finish(channel);
        if !advance.verdict.is_allow() {
            return Err(advance.verdict);
        }
        edits.extend(advance.edits);
        Ok(edits)
    }

    /// Short texts beside the channels, joined: as [`whole`](Self::whole), and where a span repeats the request, the values
    /// put back.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn fields(&mut self, text: &str, repeats: &[Span]) -> Result<Vec<TextEdit>, Verdict> {
        let mut edits = self.whole("fields", None, text)?;
        for at in repeats {
            let part = at.range().and_then(|range| text.get(range)).unwrap_or_default();
            let (mut restored, _) = self.vault.restore(part, at.start);
            let free = |e: &TextEdit| !edits.iter().any(|c| c.at.start < e.at.end && e.at.start < c.at.end);
            restored.retain(free);
            self.vault.gone_out(restored.iter().map(|e| e.text.len()).sum());
            edits.extend(restored);
        }
        edits.sort_by_key(|e| (e.at.start, e.at.end));
        self.tell_degraded();
        Ok(edits)
    }

    /// What each plugin said of the answer so far. Taken once, when the answer is over.
    pub fn take_inspection(&mut self) -> Vec<Opinion> {
        self.inspected.iter_mut().filter_map(Option::take).collect()
    }

    fn step(&mut self, id: ChannelId, text: Option<&str>) -> Advance {
        let ended = |settled, verdict| Advance { settled, edits: vec![], verdict };
        let Some(mut channel) = self.channels.get_mut(id.0).and_then(Option::take) else {
            return ended(0, Verdict::Deny(host("channel_over", "The channel is over.")));
        };
        if let Some(minutes) = &self.minutes {
            let channel = channel.number;
            minutes.note(|| match text {
                Some(text) => Question::Push { channel, text: text.to_owned() },
                None => Question::Finish { channel },
            });
        }
        let frontier = channel.frontier();
        if let Some(text) = text {
            channel.append(text);
        }
        let verdict = self.ask_parties(&mut channel, text);
        if !verdict.is_allow() {
            // The channel stays closed: nothing more of it can be settled.
            return ended(frontier, verdict);
        }
        let (settled, edits) = channel.advance(&mut self.vault, text.is_none());
        self.tell_degraded();
        if channel.held() > self.limits.held_bytes && text.is_some() {
            return ended(frontier, Verdict::Deny(host("hold_limit", "A policy held back too much text.")));
        }
        if text.is_some()
            && let Some(place) = self.channels.get_mut(id.0)
        {
            *place = Some(channel);
        }
        Advance { settled, edits, verdict: Verdict::Allow }
    }

    fn ask_parties(&mut self, channel: &mut Channel, text: Option<&str>) -> Verdict {
        let set = Arc::clone(&self.set);
        let mut verdict = Verdict::Allow;
        let mut labels = Vec::new();
        let mut parties = std::mem::take(&mut channel.parties);
        for party in &mut parties {
            let Some(member) = set.members().get(party.member) else { continue };
            let mut opinion = self.opinion(party.member);
            let session = party.session;
            let asked = self.ask(Stage::Inspection, party.member, member, &mut opinion, |s, _| match text {
                Some(text) => s.push(session, text),
                None => s.finish(session),
            });
            // The engine does not keep text: character boundaries are checked here.
            let asked = match asked {
                Asked::Said(step) if !sound(channel, &step) => {
                    let fault = Fault::BadOutput("an offset off a character boundary");
                    opinion.note_fault(&fault);
                    if let Some(slot) = self.slots.get_mut(party.member) {
                        slot.spend(fault.clone());
                    }
                    Asked::Faulted(fault)
                }
                asked => asked,
            };
            match asked {
                Asked::Said(step) => {
                    opinion.note(&step.decision);
                    verdict.merge(crate::opinion::verdict(member, &step.decision));
                    attribute(&mut labels, member, &step.decision.labels);
                    if member.mode == Mode::Enforce {
                        party.settled = Some(step.settled);
                        channel.tell(party.member, step.decision.edits);
                    }
                }
                Asked::Faulted(fault) => {
                    party.settled = None;
                    verdict.merge(on_fault(member, &fault));
                }
            }
            self.put(opinion);
        }
        channel.parties = parties;
        verdict.merge(self.keep(labels));
        verdict
    }

    fn opinion(&mut self, member: usize) -> Opinion {
        let kept = self.inspected.get_mut(member).and_then(Option::take);
        kept.unwrap_or_else(|| Opinion::new(member))
    }

    fn put(&mut self, opinion: Opinion) {
        if let Some(place) = self.inspected.get_mut(opinion.member) {
            *place = Some(opinion);
        }
    }
}

fn sound(channel: &Channel, step: &witgate_engine::Step) -> bool {
    use witgate_wire::document::Span as At;
    let edits = step.decision.edits.iter().map(|e| At::new(e.at.start, e.at.end));
    let settled = At::new(step.settled, step.settled);
    edits.chain([settled]).all(|at| channel.on_boundaries(at))
}
