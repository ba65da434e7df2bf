//! The guest's heap, which begins in the pages that the module has anyway.
//!
//! Every exchange gets a fresh sandbox, and what a fresh sandbox costs is mostly the memory that is wiped behind the last one.
//! The allocator of the standard library asks for a new page of 64 KiB for its first byte, and leaves what the linker's last
//! page still holds unused; in a plugin of this kind that is a third of its memory.
#![allow(unsafe_code, reason = "an allocator hands out memory; this is the only place in the kit that does")]

use core::alloc::Layout;
use core::arch::wasm32::{memory_grow, memory_size};
use core::ptr::NonNull;

use talc::base::Talc;
use talc::base::binning::Binning;
use talc::cell::TalcSyncCell;
use talc::source::Source;
use talc::wasm::WasmBinning;

const PAGE: usize = 64 << 10;

#[global_allocator]
static HEAP: TalcSyncCell<Pages, WasmBinning> = TalcSyncCell::new_wasm(Pages { end: None, begun: false });

unsafe extern "C" {
    /// Where the linker's data ends. It has an address and no value.
    static __heap_base: u8;
}

/// The pages of linear memory, in order.
#[derive(Debug)]
struct Pages {
    /// Where what was claimed last ends.
    end: Option<NonNull<u8>>,
    begun: bool,
}

// SAFETY: `acquire` allocates nothing, and gives away each byte once: first what the linker left of the pages that are
// there, then pages that nobody had before.
unsafe impl Source for Pages {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        if !core::mem::replace(&mut talc.source.begun, true) {
            let start = (&raw const __heap_base).cast_mut();
            let size = (memory_size::<0>() * PAGE).saturating_sub(start.addr());
            // SAFETY: nothing lies between the end of the data and the end of memory, and nobody else grows it before us.
            talc.source.end = unsafe { talc.claim(start, size) };
            if talc.source.end.is_some() {
                return Ok(());
            }
        }
        // Room for the allocation, its alignment, and what the allocator keeps beside it.
        let room = layout.size().saturating_add(layout.align()).saturating_add(256);
        let pages = room.div_ceil(PAGE);
        let before = memory_grow::<0>(pages);
        if before == usize::MAX {
            return Err(());
        }
        let (start, end) = ((before * PAGE) as *mut u8, ((before + pages) * PAGE) as *mut u8);
        talc.source.end = match talc.source.end {
            // SAFETY: the old end is what this heap was last told, and the pages between are new.
            Some(old) if old.as_ptr() == start => Some(unsafe { talc.extend(old, end) }),
            // SAFETY: the pages are new.
            _ => unsafe { talc.claim(start, pages * PAGE) },
        };
        Ok(())
    }
}
