//! The guest's heap, which begins in the pages that the module has anyway.
//!
//! Every exchange gets a fresh sandbox, and what a fresh sandbox costs is mostly the memory that is wiped behind the last one.
//! The allocator of the standard library asks for a new page of 64 KiB for its first byte, and leaves what the linker's last
//! page still holds unused; in a plugin of this kind that is a third of its memory.
#![allow(unsafe_code, reason = "an allocator hands out memory; this is the only place in the kit that does")]

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::ptr::NonNull;

use talc::base::Talc;
use talc::base::binning::Binning;
use talc::cell::TalcCell;
use talc::source::Source;
use talc::wasm::WasmBinning;

const PAGE: usize = 64 << 10;
/// What a call finds in the pages that are there: a usual request, what a policy notes of it, and its answer. Asking for a page
/// in every exchange, and having it taken away again, costs the host more than all else that it does for a sandbox.
const ROOM: usize = 8 << 10;

#[global_allocator]
static HEAP: Heap = Heap(TalcCell::new(Pages { end: None, limit: 0 }));

struct Heap(TalcCell<Pages, WasmBinning>);

// SAFETY: a module of this kind has one thread, and nothing interrupts it.
unsafe impl Sync for Heap {}

// SAFETY: all of it is the allocator's own.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promised.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as the caller promised.
        unsafe { self.0.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promised.
        unsafe { self.0.realloc(at, layout, size) }
    }
}

unsafe extern "C" {
    /// Where the linker's data ends. It has an address and no value.
    static __heap_base: u8;
}

/// The pages of linear memory, in order.
#[derive(Debug, Clone, Copy)]
struct Pages {
    /// Where what was claimed last ends.
    end: Option<NonNull<u8>>,
    /// Where the pages end that are this heap's: those that the linker left, and those that it asked for.
    limit: usize,
}

impl Pages {
    /// More pages. Answers where they begin.
    fn grow(&mut self, pages: usize) -> Option<*mut u8> {
        let before = memory_grow::<0>(pages);
        if before == usize::MAX {
            return None;
        }
        self.limit = (before + pages) * PAGE;
        Some((before * PAGE) as *mut u8)
    }
}

// SAFETY: `acquire` allocates nothing, and gives away each byte once: first what the linker left of the pages that are
// there, then pages that nobody had before.
unsafe impl Source for Pages {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        if talc.source.limit == 0 {
            let start = (&raw const __heap_base).cast_mut();
            talc.source.limit = memory_size::<0>() * PAGE;
            let size = talc.source.limit.saturating_sub(start.addr());
            // SAFETY: nothing lies between the end of the data and the end of memory, and nobody else grows it before us.
            talc.source.end = unsafe { talc.claim(start, size) };
            if talc.source.end.is_some() {
                return Ok(());
            }
        }
        let limit = talc.source.limit;
        if let Some(end) = talc.source.end.filter(|end| end.addr().get() < limit) {
            // SAFETY: the old end is what this heap was last told, and what is behind it was given back or never claimed.
            talc.source.end = Some(unsafe { talc.extend(end, limit as *mut u8) });
            return Ok(());
        }
        // Room for the allocation, its alignment, and what the allocator keeps beside it.
        let room = layout.size().saturating_add(layout.align()).saturating_add(256);
        let start = talc.source.grow(room.div_ceil(PAGE)).ok_or(())?;
        let limit = talc.source.limit;
        talc.source.end = match talc.source.end {
            // SAFETY: the old end is what this heap was last told, and the pages behind it are new.
            Some(end) if end.as_ptr() == start => Some(unsafe { talc.extend(end, limit as *mut u8) }),
            // SAFETY: the pages are new.
            _ => unsafe { talc.claim(start, limit - start.addr()) },
        };
        Ok(())
    }
}

/// Gives back what lies behind everything that is kept, as zeros, and sees to it that there is room for a call. To be asked when
/// `configure` is done: what stands in memory then is copied into each sandbox, and a page of zeros at its end is not.
pub(crate) fn settle() {
    let mut pages = HEAP.0.clone_source();
    let Some(end) = pages.end else { return };
    // SAFETY: it is the end that the heap was last told.
    let reserved = unsafe { HEAP.0.reserved(end) };
    if reserved.any {
        // SAFETY: as above; nothing is allocated behind what is reserved.
        pages.end = unsafe { HEAP.0.truncate(end, reserved.up_to.as_ptr()) };
    }
    let Some(kept) = pages.end else { return };
    // SAFETY: these bytes were the heap's, and were just given back.
    unsafe { kept.write_bytes(0, end.addr().get() - kept.addr().get()) };
    if pages.limit - kept.addr().get() < ROOM {
        // Where there is none to be had, a call asks again and is told.
        pages.grow(1);
    }
    HEAP.0.replace_source(pages);
}
