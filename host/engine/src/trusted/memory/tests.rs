use super::*;

const SMAPS: &str = "\
1000-3000 r--p 00000000 fe:00 1001                       /opt/wit gate
Size:                  8 kB
Rss:                   8 kB
Anonymous:             0 kB
VmFlags: rd mr mw me
3000-7000 r-xp 00002000 fe:00 1001                       /opt/wit gate
Rss:                   12 kB
Anonymous:             0 kB
7000-8000 r--p 00006000 fe:00 1001                       /opt/wit gate
Rss:                   4 kB
Anonymous:             4 kB
8000-9000 rw-p 00007000 fe:00 1001                       /opt/wit gate
Rss:                   4 kB
Anonymous:             0 kB
9000-a000 r-xp 00000000 fe:00 1002                       /lib/libc.so
Rss:                   4 kB
Anonymous:             0 kB
a000-b000 rw-p 00000000 00:00 0
Rss:                   4 kB
Anonymous:             4 kB
";

#[test]
fn only_what_is_as_in_the_programs_file_is_given_back() {
    let found = of_program(SMAPS, Path::new("/opt/wit gate"));
    let read = Mapping { from: 0x1000, bytes: 0x2000, resident: 8 << 10 };
    let run = Mapping { from: 0x3000, bytes: 0x4000, resident: 12 << 10 };
    assert_eq!(found, [read, run]);
}

#[test]
fn a_program_goes_on_with_less() {
    let resident = || {
        let smaps = fs::read_to_string("/proc/self/smaps").expect("the system's word");
        let program = fs::read_link("/proc/self/exe").expect("a program");
        of_program(&smaps, &program).iter().map(|mapping| mapping.resident).sum::<usize>()
    };
    let before = resident();
    let freed = give_back_start().expect("pages given back");
    assert!(freed > 0 && resident() < before, "{freed} of {before} bytes");
}
