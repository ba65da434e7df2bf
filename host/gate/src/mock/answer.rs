//! The body of an answer: its frames with their delays, its cut, and a note of how it ended.

use std::collections::VecDeque;
use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::Sleep;

use super::journal::{Ending, Journal};
use super::plan::Plan;
use super::reply::Cut;
use super::socket::Line;

/// Time for what was written before a cut to leave: an error makes the server drop what it still holds.
const BEFORE_CUT: Duration = Duration::from_millis(20);

/// Notes a cancellation when it is dropped before the answer's end.
pub(super) struct Watch {
    journal: Arc<Journal>,
    request: u64,
    sent: usize,
    ended: bool,
}

impl Watch {
    pub(super) fn new(journal: Arc<Journal>, request: u64) -> Self {
        Self { journal, request, sent: 0, ended: false }
    }

    fn end(&mut self, ending: Ending) {
        if !self.ended {
            self.ended = true;
            self.journal.ended(ending);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.end(Ending::Cancelled { request: self.request, after_bytes: self.sent });
    }
}

#[derive(Debug)]
enum Step {
    Wait(Duration),
    Send(Bytes),
    /// Ends the body, whatever the head promised.
    Cut(Cut),
}

pub(super) struct Answer {
    steps: VecDeque<Step>,
    /// The length told in the head; none for a stream.
    length: Option<u64>,
    waiting: Option<Pin<Box<Sleep>>>,
    line: Line,
    watch: Watch,
}

impl Answer {
    pub(super) fn new(plan: Plan, line: Line, watch: Watch) -> Self {
        let sized = !plan.streams();
        let total = plan.length();
        let cut = plan.cut.filter(|(after, _)| *after < total || !sized);
        let mut left = cut.map_or(usize::MAX, |(after, _)| after);
        let cuts = left <= total;
        let mut steps = VecDeque::new();
        let mut count = 0_usize;
        for mut frame in plan.frames {
            frame.truncate(left);
            left = left.saturating_sub(frame.len());
            if let Some((after, pause)) = plan.stall
                && after == count
            {
                steps.push_back(Step::Wait(pause));
            }
            count = count.saturating_add(1);
            if frame.is_empty() {
                continue;
            }
            if !steps.is_empty() && !plan.delay.is_zero() {
                steps.push_back(Step::Wait(plan.delay));
            }
            steps.push_back(Step::Send(frame));
        }
        if let Some((after, pause)) = plan.stall
            && after >= count
        {
            steps.push_back(Step::Wait(pause));
        }
        if let Some((_, how)) = cut
            && cuts
        {
            // An end in order tells no length: there is none to fall short of.
            let how = if how == Cut::End && sized { Cut::Close } else { how };
            steps.push_back(Step::Wait(BEFORE_CUT));
            steps.push_back(Step::Cut(how));
        }
        let length = if sized { u64::try_from(total).ok() } else { None };
        let mut answer = Self { steps, length, waiting: None, line, watch };
        answer.note_end();
        answer
    }

    /// A server need not ask again after the last byte of a body whose length it knows.
    fn note_end(&mut self) {
        if self.steps.is_empty() {
            self.watch.end(Ending::Finished);
        }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        loop {
            if let Some(waiting) = &mut self.waiting {
                ready!(waiting.as_mut().poll(cx));
                self.waiting = None;
            }
            match self.steps.pop_front() {
                None => return Poll::Ready(None),
                Some(Step::Wait(time)) => self.waiting = Some(Box::pin(tokio::time::sleep(time))),
                Some(Step::Send(bytes)) => {
                    self.watch.sent = self.watch.sent.saturating_add(bytes.len());
                    self.note_end();
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                Some(Step::Cut(how)) => {
                    self.watch.end(Ending::Cut);
                    if how == Cut::End {
                        return Poll::Ready(None);
                    }
                    if how == Cut::Reset {
                        self.line.reset();
                    }
                    return Poll::Ready(Some(Err(io::Error::other("cut by the script"))));
                }
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
