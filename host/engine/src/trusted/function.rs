//! A function that a plugin exports: found and compared with the contract once a plugin, not once a sandbox.
//!
//! Comparing goes through every field of every record by its name, and takes longer than a short call. Its outcome is a
//! property of the component, so it is kept beside the place where the function was found. Wasmtime has no other way to take
//! it from one store to the next.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};

use wasmtime::Store;
use wasmtime::component::{
    Component, ComponentExportIndex, ComponentNamedList, Instance, Lift, Lower, ResourceAny, TypedFunc,
};

use crate::contract::{Action, Channel, Context, Decision, Document, Event, Fault, Step};
use crate::host::HostState;

/// A function of the contract: where it is, what it takes and what it answers.
pub(crate) trait Signature {
    const INTERFACE: &'static str;
    const NAME: &'static str;
    type Params<'a>: ComponentNamedList + Lower;
    type Return: ComponentNamedList + Lift;
}

/// The full name of an interface of the contract.
pub(crate) fn interface(name: &str) -> String {
    format!("witgate:policy/{name}@0.1.0")
}

/// Such a function of one component.
pub(crate) struct Function<S> {
    /// Names the component as well: it finds nothing in an instance of another one.
    index: ComponentExportIndex,
    /// Whether its type was found to be that of the signature.
    checked: AtomicBool,
    signature: PhantomData<fn(S)>,
}

impl<S: Signature> Function<S> {
    /// Finds it by its name.
    pub(crate) fn find(component: &Component) -> Option<Self> {
        let interface = component.get_export_index(None, interface(S::INTERFACE))?;
        let index = component.get_export_index(Some(&interface), S::NAME)?;
        Some(Self { index, checked: AtomicBool::new(false), signature: PhantomData })
    }

    /// Calls it in an instance of its component.
    pub(crate) fn call(
        &self,
        store: &mut Store<HostState>,
        instance: &Instance,
        params: S::Params<'_>,
    ) -> wasmtime::Result<S::Return> {
        self.of(store, instance)?.call(store, params)
    }

    fn of<'a>(
        &self,
        store: &mut Store<HostState>,
        instance: &Instance,
    ) -> wasmtime::Result<TypedFunc<S::Params<'a>, S::Return>> {
        let function = instance
            .get_func(&mut *store, self.index)
            .ok_or_else(|| wasmtime::format_err!("no function `{}`", S::NAME))?;
        if self.checked.load(Ordering::Relaxed) {
            // SAFETY: `get_func` found it by an index that is valid for one component alone, the type of a component's function
            // is the same in each of its instances, and for this function it was compared with these very types, which a
            // lifetime is no part of.
            return Ok(unsafe { TypedFunc::new_unchecked(function) });
        }
        let typed = function.typed(&*store)?;
        self.checked.store(true, Ordering::Relaxed);
        Ok(typed)
    }
}

/// `admission.evaluate`.
pub(crate) struct Admit;

impl Signature for Admit {
    const INTERFACE: &'static str = "admission";
    const NAME: &'static str = "evaluate";
    type Params<'a> = (&'a Context, &'a Document);
    type Return = (Result<Decision, Fault>,);
}

/// `commitment.evaluate`.
pub(crate) struct Commit;

impl Signature for Commit {
    const INTERFACE: &'static str = "commitment";
    const NAME: &'static str = "evaluate";
    type Params<'a> = (&'a Context, &'a Action);
    type Return = (Result<Decision, Fault>,);
}

/// `inspection.session.open`.
pub(crate) struct Open;

impl Signature for Open {
    const INTERFACE: &'static str = "inspection";
    const NAME: &'static str = "[static]session.open";
    type Params<'a> = (&'a Context, &'a Channel);
    type Return = (Result<ResourceAny, Fault>,);
}

/// `inspection.session.push`.
pub(crate) struct Push;

impl Signature for Push {
    const INTERFACE: &'static str = "inspection";
    const NAME: &'static str = "[method]session.push";
    type Params<'a> = (ResourceAny, &'a str);
    type Return = (Result<Step, Fault>,);
}

/// `inspection.session.finish`.
pub(crate) struct Finish;

impl Signature for Finish {
    const INTERFACE: &'static str = "inspection";
    const NAME: &'static str = "[method]session.finish";
    type Params<'a> = (ResourceAny,);
    type Return = (Result<Step, Fault>,);
}

/// `recording.observe`.
pub(crate) struct Observe;

impl Signature for Observe {
    const INTERFACE: &'static str = "recording";
    const NAME: &'static str = "observe";
    type Params<'a> = (&'a Context, &'a [Event]);
    type Return = ();
}
