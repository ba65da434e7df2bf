//! From a plugin type to a component: what [`export!`](crate::export!) expands to.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::OnceLock;

#[doc(hidden)]
pub use crate::bindings;
use crate::bindings::admission::exports::witgate::policy::admission;
use crate::bindings::commitment::exports::witgate::policy::commitment;
use crate::bindings::exports::witgate::policy::lifecycle;
use crate::bindings::inspection::exports::witgate::policy::inspection;
use crate::bindings::recording::exports::witgate::policy::recording;
use crate::host::{self, Level};
use crate::{Action, Channel, Context, Decision, Document, Event, Fault, Issue, Plugin, Session, Step};

/// The one configured plugin of a component. Implemented by [`export!`](crate::export!).
pub trait Configured: Plugin {
    #[doc(hidden)]
    fn cell() -> &'static OnceLock<Self>;
}

/// Speaks the canonical ABI for a plugin.
#[derive(Debug)]
pub struct Exported<P>(PhantomData<P>);

fn configured<P: Configured>() -> Result<&'static P, Fault> {
    P::cell().get().ok_or_else(|| Fault::new("not_configured", "configure has not been called"))
}

impl<P: Configured> lifecycle::Guest for Exported<P> {
    fn configure(config: String) -> Result<(), Vec<Issue>> {
        // A panic is a trap; without this its message would be lost.
        std::panic::set_hook(Box::new(|info| host::log(Level::Error, &info.to_string())));
        let read = serde_json::from_str(&config).map_err(|e| issue(&e))?;
        drop(config);
        let plugin = P::configure(read)?;
        P::cell()
            .set(plugin)
            .map_err(|_| vec![Issue { pointer: String::new(), message: "configured twice".into() }])?;
        #[cfg(all(target_arch = "wasm32", feature = "heap"))]
        crate::heap::settle();
        Ok(())
    }
}

fn issue(error: &serde_json::Error) -> Vec<Issue> {
    vec![Issue { pointer: String::new(), message: error.to_string() }]
}

impl<P: Configured + crate::Admission> admission::Guest for Exported<P> {
    fn evaluate(ctx: Context, request: Document) -> Result<Decision, Fault> {
        configured::<P>()?.admit(&ctx, &request)
    }
}

impl<P: Configured + crate::Commitment> commitment::Guest for Exported<P> {
    fn evaluate(ctx: Context, action: Action) -> Result<Decision, Fault> {
        configured::<P>()?.commit(&ctx, &action)
    }
}

impl<P: Configured + crate::Recording> recording::Guest for Exported<P> {
    fn observe(ctx: Context, events: Vec<Event>) {
        if let Ok(plugin) = configured::<P>() {
            plugin.observe(&ctx, &events);
        }
    }
}

impl<P: Configured + crate::Inspection> inspection::Guest for Exported<P> {
    type Session = SharedSession<P>;
}

/// A session behind the shared reference that resources are called with.
#[derive(Debug)]
pub struct SharedSession<P: crate::Inspection>(RefCell<P::Session>);

impl<P: Configured + crate::Inspection> inspection::GuestSession for SharedSession<P> {
    fn open(ctx: Context, channel: Channel) -> Result<inspection::Session, Fault> {
        let session = configured::<P>()?.open(&ctx, &channel)?;
        Ok(inspection::Session::new(Self(RefCell::new(session))))
    }

    fn push(&self, text: String) -> Result<Step, Fault> {
        self.0.borrow_mut().push(&text)
    }

    fn finish(&self) -> Result<Step, Fault> {
        self.0.borrow_mut().finish()
    }
}

/// Makes a component of a plugin type: `export!(MyPlugin, manifest = include_str!("../manifest.json"), stages =
/// [admission, inspection, commitment, recording])`, naming the stages it serves.
///
/// The manifest is JSON: `id`, `version`, `description`, `codes` (every code a decision may carry), `grants` (wanted),
/// `config_schema` (JSON Schema 2020-12) and `limits` (suggested). It stands in the custom section
/// `witgate:manifest`, so that it can be read without running the component.
#[macro_export]
macro_rules! export {
    ($plugin:ident, manifest = $manifest:expr, stages = [$($stage:ident),+ $(,)?] $(,)?) => {
        impl $crate::export::Configured for $plugin {
            fn cell() -> &'static ::std::sync::OnceLock<Self> {
                static CELL: ::std::sync::OnceLock<$plugin> = ::std::sync::OnceLock::new();
                &CELL
            }
        }

        /// The manifest, as it stands in the component.
        pub const MANIFEST: &str = $manifest;

        #[cfg(target_family = "wasm")]
        mod __witgate_component {
            // Not `#[used]`: the section has the bytes in any case, and a copy of them in memory would be wiped after each exchange.
            #[allow(unsafe_code, reason = "naming a link section is; the data is inert")]
            #[allow(dead_code, reason = "the host reads the section")]
            #[unsafe(link_section = "witgate:manifest")]
            static MANIFEST: [u8; super::MANIFEST.len()] = {
                let mut bytes = [0; super::MANIFEST.len()];
                let mut i = 0;
                while i < bytes.len() {
                    bytes[i] = super::MANIFEST.as_bytes()[i];
                    i += 1;
                }
                bytes
            };

            type Exported = $crate::export::Exported<super::$plugin>;
            $crate::export::bindings::export!(Exported with_types_in $crate::export::bindings);
            $($crate::export::bindings::$stage::export!(Exported with_types_in $crate::export::bindings::$stage);)+
        }
    };
}
