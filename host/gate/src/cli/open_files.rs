//! How many connections the system lets a process have.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Of one exchange: the client's connection and the upstream's.
const OF_AN_EXCHANGE: u64 = 2;
/// Ledger, listeners, watched files and what else a gate keeps open.
const OWN: u64 = 64;

/// Asks for as many open files as an administrator lets this process have. The system's usual 1024 would end at some 500
/// exchanges; programs that use select(2), for whose sake it is so low, are not run from here.
pub(super) fn allow_all() {
    let has = getrlimit(Resource::Nofile);
    if has.current != has.maximum {
        // Where it is refused, what is there is what there was.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: has.maximum, maximum: has.maximum });
    }
}

/// How many open files so many exchanges need and how many there are, where that is too few.
pub(super) fn too_few_for(exchanges: u32) -> Option<(u64, u64)> {
    let needed = u64::from(exchanges) * OF_AN_EXCHANGE + OWN;
    let most = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    (most < needed).then_some((needed, most))
}
