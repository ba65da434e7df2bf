//! Reading a plugin's bytes without running them.

use witgate_engine::{Anatomy, LoadError, Manifest, componentize};

/// Any bytes are read or refused by name.
///
/// # Panics
/// If a property breaks, and if anything below panics.
pub fn target(data: &[u8]) {
    let manifest = Manifest::read(data);
    known(manifest.as_ref().err());
    let direct = Anatomy::read(data);
    known(direct.as_ref().err());
    if let Ok(anatomy) = &direct {
        bounded(anatomy, data.len());
    }
    if direct.is_ok() {
        assert!(componentize(data).is_ok_and(|same| same == data), "a component stays as it is");
    }
}

/// What is made of a core module is a component that can be read. No target yet, since `wit-parser` overflows the stack on
/// package dependencies that go round in a circle: see `known/` and the README.
///
/// # Panics
/// If a property breaks, and if anything below panics.
pub fn module(data: &[u8]) {
    match componentize(data) {
        Err(error) => known(Some(&error)),
        Ok(component) => match Anatomy::read(&component) {
            Ok(anatomy) => bounded(&anatomy, component.len()),
            Err(error) => panic!("what was made of a module cannot be read: {error}"),
        },
    }
}

/// What was read takes no more room than what it was read from, names aside that each take a byte there at least.
fn bounded(anatomy: &Anatomy, bytes: usize) {
    assert!(anatomy.imports.len() + anatomy.exports.len() <= bytes);
    assert!(anatomy.producers.len() <= 64);
    known(anatomy.needs().as_ref().err());
    let _ = (anatomy.stages(), anatomy.imports_wasi());
}

fn known(error: Option<&LoadError>) {
    if let Some(error) = error {
        let expected = ["plugin_not_a_component", "plugin_manifest", "plugin_unknown_import"];
        assert!(expected.contains(&error.code()), "{}: {error}", error.code());
    }
}
