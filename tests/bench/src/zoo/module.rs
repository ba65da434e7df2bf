//! Modules made by hand, for misdeeds that no compiler would write. Core WebAssembly 1.0, section by section, with the table
//! instructions of 2.0.

/// What the table bomb goes off at, in any text.
const TRIGGER: i64 = i64::from_le_bytes(*b"hostile-");
/// Where an answer of zeros lies: the first case of everything, and empty lists. That is to allow.
const ANSWER: i64 = 1024;
const HEAP: i64 = 64 << 10;
const PAGES: u64 = 16;
const FOREVER: [u8; 5] = [0x03, 0x40, 0x0c, 0, 0x0b];
const UNREACHABLE: u8 = 0;

/// What a module made by hand does beside allowing everything at admission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trick {
    /// Grows its table until it may not, and traps, when the text names a deed.
    TableBomb,
    /// Traps when it is instantiated.
    TrapAtStart,
    /// Its `configure` never ends.
    NeverConfigured,
    /// Has so many KiB of code that nobody calls.
    Code(usize),
}

/// A policy for admission, with the component type and the manifest of the module `like`.
pub(crate) fn handmade(like: &[u8], trick: Trick) -> Vec<u8> {
    const I32: u8 = 0x7f;
    let function = |arguments: usize, answers: usize| {
        [&[0x60][..], &counted(&vec![I32; arguments]), &counted(&vec![I32; answers])].concat()
    };
    let idle = match trick {
        Trick::Code(kib) => kib,
        _ => 0,
    };
    let exports = [
        ("witgate:policy/admission@0.1.0#evaluate", [0, 0]),
        ("witgate:policy/lifecycle@0.1.0#configure", [0, 1]),
        ("cabi_realloc", [0, 2]),
        ("memory", [2, 0]),
    ];
    let answer = constant(ANSWER);
    let evaluate = if trick == Trick::TableBomb { [bomb(), answer.clone()].concat() } else { answer.clone() };
    let configure = if trick == Trick::NeverConfigured { [&FOREVER[..], &answer].concat() } else { answer };
    let mut bodies = vec![code(&evaluate, true), code(&configure, false), code(&reallocate(), true)];
    bodies.push(code(&[UNREACHABLE], false));
    bodies.extend((0..idle).map(filler));
    let mut of_type: Vec<Vec<u8>> = vec![vec![0], vec![1], vec![2], vec![3]];
    of_type.extend((0..idle).map(|_| vec![4]));
    let exports: Vec<_> =
        exports.iter().map(|(name, what)| [counted(name.as_bytes()), what.to_vec()].concat()).collect();
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    module
        .extend(section(1, &vector(&[function(1, 1), function(2, 1), function(4, 1), function(0, 0), function(1, 1)])));
    module.extend(section(3, &vector(&of_type)));
    module.extend(section(4, &vector(&[vec![0x70, 0, 1]])));
    module.extend(section(5, &vector(&[[vec![0], unsigned(PAGES)].concat()])));
    module.extend(section(6, &vector(&[[vec![I32, 1], constant(HEAP), vec![0x0b]].concat()])));
    module.extend(section(7, &vector(&exports)));
    if trick == Trick::TrapAtStart {
        module.extend(section(8, &[3]));
    }
    module.extend(section(10, &vector(&bodies)));
    for (name, section) in custom_sections(like) {
        if name.starts_with(b"component-type") || name.starts_with(b"witgate:") {
            module.extend(section);
        }
    }
    module
}

/// The same module with so many bytes that mean nothing.
pub(crate) fn padded(module: &[u8], bytes: usize) -> Vec<u8> {
    let name = counted(b"padding");
    [module, &section(0, &[name, vec![0; bytes]].concat())].concat()
}

/// The same component with another one inside that nobody uses: which is valid, and more than the snapshotter knows.
pub(crate) fn unknown_to_the_snapshotter(component: &[u8]) -> Vec<u8> {
    let module = section(1, b"\0asm\x01\0\0\0");
    [component, &section(4, &[&b"\0asm\x0d\0\x01\0"[..], &module].concat())].concat()
}

/// Bump allocation; the memory is large enough for one exchange.
fn reallocate() -> Vec<u8> {
    let align = [&[0x23, 0, 0x20, 2, 0x6a, 0x41, 1, 0x6b][..], &constant(0), &[0x20, 2, 0x6b, 0x71]].concat();
    [&align[..], &[0x22, 4, 0x20, 3, 0x6a, 0x24, 0, 0x20, 4]].concat()
}

/// Looks at every eight bytes of what was passed.
fn bomb() -> Vec<u8> {
    [
        &constant(HEAP)[..],
        &[0x21, 1, 0x03, 0x40, 0x20, 1],
        &constant(8),
        &[0x6a, 0x23, 0, 0x4c, 0x04, 0x40, 0x20, 1, 0x29, 0, 0, 0x42],
        &signed(TRIGGER),
        // Found: `table.grow` by a thousand, again and again, and a trap when it says -1.
        &[0x51, 0x04, 0x40, 0x03, 0x40, 0xd0, 0x70],
        &constant(1000),
        &[0xfc, 0x0f, 0],
        &constant(-1),
        &[0x46, 0x04, 0x40, UNREACHABLE, 0x0b, 0x0c, 0, 0x0b, 0x0b, 0x20, 1],
        &constant(1),
        &[0x6a, 0x21, 1, 0x0c, 1, 0x0b, 0x0b],
    ]
    .concat()
}

/// A function of about one KiB, each another one.
fn filler(number: usize) -> Vec<u8> {
    let mut body = Vec::with_capacity(1100);
    let mut value = i64::try_from(number).unwrap_or(1) * 7919 + 1;
    while body.len() < 1000 {
        value = (value * 48_271) % 0x7fff_ffff;
        // Load from an address that depends on all that was before, so that nothing of it can be left out.
        body.extend([0x20, 0]);
        body.extend(constant(value));
        body.extend([0x6a, 0x41]);
        body.extend(signed(0xfff0));
        body.extend([0x71, 0x28, 2, 0, 0x21, 0]);
    }
    body.extend([0x20, 0]);
    code(&body, false)
}

/// A function's body, with a local of its own or none.
fn code(body: &[u8], local: bool) -> Vec<u8> {
    let locals: &[u8] = if local { &[1, 1, 0x7f] } else { &[0] };
    counted(&[locals, body, &[0x0b]].concat())
}

fn constant(value: i64) -> Vec<u8> {
    [vec![0x41], signed(value)].concat()
}

fn section(kind: u8, data: &[u8]) -> Vec<u8> {
    [vec![kind], counted(data)].concat()
}

fn counted(data: &[u8]) -> Vec<u8> {
    [unsigned(data.len() as u64), data.to_vec()].concat()
}

fn vector(items: &[Vec<u8>]) -> Vec<u8> {
    [unsigned(items.len() as u64), items.concat()].concat()
}

/// LEB128.
fn unsigned(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        if value == 0 {
            out.push(low);
            return out;
        }
        out.push(low | 0x80);
    }
}

fn signed(mut value: i64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        if (-64..64).contains(&value) {
            out.push(low);
            return out;
        }
        value >>= 7;
        out.push(low | 0x80);
    }
}

/// The custom sections of a module, with their names. What cannot be read ends them.
fn custom_sections(module: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut out = Vec::new();
    let mut rest = module.get(8..).unwrap_or_default();
    while let Some((kind, behind)) = rest.split_first() {
        let Some((size, data)) = number(behind) else { break };
        let Some((data, next)) = data.split_at_checked(size) else { break };
        let whole = rest.get(..rest.len() - next.len()).unwrap_or_default();
        if *kind == 0
            && let Some((length, data)) = number(data)
            && let Some(name) = data.get(..length)
        {
            out.push((name, whole));
        }
        rest = next;
    }
    out
}

fn number(data: &[u8]) -> Option<(usize, &[u8])> {
    let end = data.iter().take(5).position(|byte| byte & 0x80 == 0)? + 1;
    let (bytes, rest) = data.split_at_checked(end)?;
    let value = bytes.iter().rev().fold(0_usize, |value, byte| value << 7 | usize::from(byte & 0x7f));
    Some((value, rest))
}

#[cfg(test)]
mod tests;
